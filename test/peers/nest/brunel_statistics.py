"""Rate and irregularity of Brunel's network in NEST over ten seeds, in two sizes: golden/brunel-statistics.json.

The network is NEST's example brunel_delta_nest. `full` has 12,500 neurons for 1 s; `small` has 2,500 neurons with the same rule (a tenth of the
possible sources, J such that the sum of weights is the same as in full). Spikes in the first 100 ms don't count. The coefficient of
variation is the mean over neurons with at least five spikes of std / mean of their intervals (population standard deviation).
"""

import argparse
import json
import pathlib

import numpy as np

import run_nest  # noqa: F401  (sets NEST up to be quiet)
from run_nest import nest

SEEDS = range(1, 11)
SETTLE_MS = 100.0
MIN_SPIKES = 5
SIZES = {
    "full": {"order": 2500, "durationMs": 1000.0, "J": 0.1},
    "small": {"order": 500, "durationMs": 1000.0, "J": 0.5},
}
G, ETA, EPSILON, DELAY, TAU, THETA = 5.0, 2.0, 0.1, 1.5, 20.0, 20.0


def simulate(size, seed):
    ne, ni = 4 * size["order"], size["order"]
    ce, ci = int(EPSILON * ne), int(EPSILON * ni)
    j = size["J"]
    rate = 1000.0 * ETA * THETA / (j * ce * TAU) * ce
    nest.ResetKernel()
    nest.verbosity = nest.VerbosityLevel.ERROR
    nest.SetKernelStatus({"local_num_threads": 2, "resolution": 0.1, "rng_seed": seed})
    params = {"C_m": 1.0, "tau_m": TAU, "t_ref": 2.0, "E_L": 0.0, "V_reset": 0.0, "V_m": 0.0, "V_th": THETA}
    exc = nest.Create("iaf_psc_delta", ne, params=params)
    inh = nest.Create("iaf_psc_delta", ni, params=params)
    noise = nest.Create("poisson_generator", params={"rate": rate})
    recorders = {"exc": nest.Create("spike_recorder"), "inh": nest.Create("spike_recorder")}
    nest.Connect(noise, exc + inh, syn_spec={"weight": j, "delay": DELAY})
    nest.Connect(exc, exc + inh, {"rule": "fixed_indegree", "indegree": ce}, {"weight": j, "delay": DELAY})
    nest.Connect(inh, exc + inh, {"rule": "fixed_indegree", "indegree": ci}, {"weight": -G * j, "delay": DELAY})
    nest.Connect(exc, recorders["exc"])
    nest.Connect(inh, recorders["inh"])
    nest.Simulate(size["durationMs"])
    sizes = {"exc": ne, "inh": ni}
    return {
        name: statistics(recorder.events["senders"], recorder.events["times"], sizes[name], size["durationMs"])
        for name, recorder in recorders.items()
    }


def statistics(senders, times, neurons, duration_ms):
    kept = times > SETTLE_MS
    senders, times = senders[kept], times[kept]
    order = np.lexsort((times, senders))
    senders, times = senders[order], times[order]
    trains = np.split(times, np.flatnonzero(np.diff(senders)) + 1)
    cvs = [np.std(np.diff(t)) / np.mean(np.diff(t)) for t in trains if len(t) >= MIN_SPIKES]
    return {"rateHz": len(times) / neurons / ((duration_ms - SETTLE_MS) / 1000.0), "cv": float(np.mean(cvs))}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--only", choices=SIZES, help="make one anew and keep the others")
    only = parser.parse_args().only
    path = pathlib.Path(__file__).parent / "golden" / "brunel-statistics.json"
    golden = {"nest": nest.__version__, "settleMs": SETTLE_MS, "minSpikes": MIN_SPIKES, "networks": {}}
    if only is not None:
        golden["networks"] = json.loads(path.read_text(encoding="utf-8"))["networks"]
    for name, size in SIZES.items():
        if only not in (None, name):
            continue
        runs = [{"seed": seed, **simulate(size, seed)} for seed in SEEDS]
        ne = 4 * size["order"]
        golden["networks"][name] = {
            "excitatory": ne,
            "inhibitory": size["order"],
            "indegree": {"exc": int(EPSILON * ne), "inh": int(EPSILON * size["order"])},
            "weightMv": {"exc": size["J"], "inh": -G * size["J"]},
            "poissonHz": 1000.0 * ETA * THETA / (size["J"] * int(EPSILON * ne) * TAU) * int(EPSILON * ne),
            "delayMs": DELAY,
            "durationMs": size["durationMs"],
            "runs": runs,
        }
        for kind in ("exc", "inh"):
            for what in ("rateHz", "cv"):
                values = [run[kind][what] for run in runs]
                print(f"{name} {kind} {what}: mean {np.mean(values):.4f} std {np.std(values, ddof=1):.4f}")
    path.write_text(json.dumps(golden, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
