"""Brunel's network in Brian2, as C++ standalone with OpenMP; nothing recorded but a spike counter.

`build` is the program's time before its simulation loop, in which it makes the synapses; writing all state to files after the loop isn't
counted. What Brian2 takes to generate and compile the C++ is `compile`. `--threads 0` is without OpenMP, which was fastest here. Connectivity is `connect(p=0.1)`, which Brian2 draws in C++; the number of synapses is that of
the other simulators on average. Background input is its documented `PoissonInput`.
"""

import argparse
import glob
import os
import subprocess
import sys
import tempfile
import time

import brian2
import numpy as np
from brian2 import NeuronGroup, PoissonInput, SpikeMonitor, Synapses, defaultclock, device, mV, ms, prefs, run, second, seed, set_device

import peer_common

parser = argparse.ArgumentParser()
parser.add_argument("--threads", type=int, default=0)
parser.add_argument("--order", type=int, default=2500, help="4 x order excitatory and order inhibitory neurons")
parser.add_argument("--duration", type=float, default=1000.0, help="ms")
parser.add_argument("--seed", type=int, default=1)
args = parser.parse_args()

G, ETA, EPSILON = 5.0, 2.0, 0.1
tau, theta, J = 20 * ms, 20 * mV, 0.1 * mV
ne, ni = 4 * args.order, args.order
ce = int(EPSILON * ne)
rate = ETA * theta / (J * ce * tau)


def run_program(folder):
    """Runs what was compiled; returns its peak memory."""
    program = subprocess.Popen(["./main"], cwd=folder, stdout=subprocess.DEVNULL)
    peak = 0
    while program.poll() is None:
        peak = max(peak, peak_of(program.pid))
        time.sleep(0.02)
    if program.returncode != 0:
        sys.exit(f"Brian2's program ended with {program.returncode}")
    return peak


def peak_of(pid):
    try:
        with open(f"/proc/{pid}/status", encoding="ascii") as status:
            return next((int(line.split()[1]) * 1024 for line in status if line.startswith("VmHWM:")), 0)
    except OSError:
        return 0


def results(folder, pattern):
    """Files that the program wrote; one at least."""
    found = glob.glob(os.path.join(folder, "results", pattern))
    if not found:
        sys.exit(f"Brian2's program wrote no {pattern}: {sorted(os.listdir(os.path.join(folder, 'results')))}")
    return found


with tempfile.TemporaryDirectory(prefix="nil-brian2-") as folder:
    set_device("cpp_standalone", directory=folder, build_on_run=False)
    prefs.devices.cpp_standalone.openmp_threads = args.threads
    prefs.codegen.cpp.headers += ["<chrono>"]
    defaultclock.dt = 0.1 * ms
    seed(args.seed)
    began = time.perf_counter()
    neurons = NeuronGroup(
        ne + ni, "dv/dt = -v/tau : volt (unless refractory)", threshold="v >= theta", reset="v = 0*mV", refractory=2 * ms, method="exact"
    )
    exc = Synapses(neurons[:ne], neurons, on_pre="v_post += J", delay=1.5 * ms)
    exc.connect(p=EPSILON)
    inh = Synapses(neurons[ne:], neurons, on_pre="v_post += -G*J", delay=1.5 * ms)
    inh.connect(p=EPSILON)
    background = PoissonInput(neurons, "v", N=ce, rate=rate, weight=J)
    counter = SpikeMonitor(neurons, record=False)
    for slot, mark in (("before_start", 0), ("before_network_run", 1), ("after_network_run", 2)):
        device.insert_code(slot, f"const auto mark{mark} = std::chrono::steady_clock::now();")
    device.insert_code(
        "after_network_run",
        'std::ofstream("marks") << std::chrono::duration<double>(mark1 - mark0).count() << " "'
        " << std::chrono::duration<double>(mark2 - mark1).count();",
    )
    run(args.duration * ms)
    device.build(directory=folder, compile=True, run=False)
    compiled = time.perf_counter() - began
    peak = run_program(folder)
    with open(os.path.join(folder, "marks"), encoding="ascii") as marks:
        build, simulate = map(float, marks.read().split())
    spikes = sum(int(np.fromfile(f, dtype=np.int32)[0]) for f in results(folder, "_array_spikemonitor*_N_*"))
    synapses = sum(os.path.getsize(f) // 4 for f in results(folder, "_dynamic_array_synapses*__synaptic_pre_*"))

peer_common.report(
    name="brunel",
    build=build,
    simulate=simulate,
    compile=compiled,
    realTimeFactor=simulate / (args.duration / 1000),
    peakMemoryBytes=peak,
    spikes=spikes,
    neurons=ne + ni,
    synapses=synapses,
    synapticEvents=round(spikes * synapses / (ne + ni)),
    rateHz=spikes / (ne + ni) / (args.duration / 1000),
    threads=args.threads,
    versions={"brian2": brian2.__version__, "python": sys.version.split()[0]},
)
