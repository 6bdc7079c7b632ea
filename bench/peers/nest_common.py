"""How NEST is set up and timed for every benchmark here.

`build` is everything before the first simulated step: creation, connection, and `Prepare`, in which NEST sorts connections by source
and exchanges the tables that route spikes. `simulate` is `Run` over the duration. Nothing is recorded.
"""

import os
import sys

os.environ.setdefault("PYNEST_QUIET", "1")
# The kernel writes its progress to standard output; ours is for one line of JSON.
_real_stdout = os.dup(1)
os.dup2(2, 1)

import nest  # noqa: E402

import peer_common  # noqa: E402


def start(threads, dt_ms, seed):
    nest.ResetKernel()
    nest.verbosity = nest.VerbosityLevel.ERROR
    nest.SetKernelStatus(
        {
            "local_num_threads": threads,
            "resolution": dt_ms,
            "rng_seed": seed,
            "print_time": False,
            # Documented to save memory where connections aren't read back after the first Run.
            "keep_source_table": False,
        }
    )


def simulate(phases, duration_ms):
    """Finishes building, runs, and returns how many spikes the network's neurons emitted."""
    nest.Prepare()
    phases.mark("build")
    nest.Run(duration_ms)
    phases.mark("simulate")
    return nest.GetKernelStatus("local_spike_counter")


def finish(name, phases, spikes, synapses, neurons, duration_ms, base_bytes, **more):
    os.dup2(_real_stdout, 1)
    peak = peer_common.peak_memory_bytes()
    peer_common.report(
        name=name,
        build=phases.seconds["build"],
        simulate=phases.seconds["simulate"],
        realTimeFactor=phases.seconds["simulate"] / (duration_ms / 1000),
        peakMemoryBytes=peak,
        networkMemoryBytes=peak - base_bytes,
        spikes=int(spikes),
        neurons=int(neurons),
        synapses=int(synapses),
        synapticEvents=round(spikes * synapses / neurons),
        rateHz=spikes / neurons / (duration_ms / 1000),
        versions={"nest": nest.__version__, "python": sys.version.split()[0]},
        **more,
    )
