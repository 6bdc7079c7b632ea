"""The microcircuit in NEST as bench/peers runs it, with every neuron's spikes recorded and written to a file.

    python nest_microcircuit.py OUT [arguments of bench/peers/nest_microcircuit.py]

OUT gets the number of spikes as uint32, then their steps, then their neurons (numbered from 0 in the order of the populations), as uint32
columns, little-endian. A step s is stamped (s + 1) * dt.
"""

import pathlib
import runpy
import sys

PEERS = pathlib.Path(__file__).resolve().parent.parent / "peers"
sys.path.insert(0, str(PEERS))

import numpy as np  # noqa: E402

import nest_common  # noqa: E402
from nest_common import nest  # noqa: E402

out = sys.argv.pop(1)
simulate = nest_common.simulate


def simulate_and_record(phases, duration_ms):
    neurons = nest.GetNodes({"model": "iaf_psc_exp"})
    recorder = nest.Create("spike_recorder")
    nest.Connect(neurons, recorder)
    spikes = simulate(phases, duration_ms)
    events = recorder.events
    steps = np.rint(events["times"] / nest.GetKernelStatus("resolution")).astype("<u4") - 1
    senders = (events["senders"] - neurons[0].global_id).astype("<u4")
    with open(out, "wb") as file:
        np.array([steps.size], "<u4").tofile(file)
        steps.tofile(file)
        senders.tofile(file)
    return spikes


nest_common.simulate = simulate_and_record
runpy.run_path(str(PEERS / "nest_microcircuit.py"), run_name="__main__")
