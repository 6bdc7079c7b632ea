"""A network (peers.ts) by Lava alone: sources are ring buffers, neurons are fixed-point LIF processes, all in one Lava network."""

import json
import sys

import numpy as np
from lava.magma.core.run_conditions import RunSteps
from lava.magma.core.run_configs import Loihi2SimCfg
from lava.proc.io.sink import RingBuffer as Sink
from lava.proc.io.source import RingBuffer as Train
from lava.proc.lif.process import LIF
from lava.proc.sparse.process import DelaySparse, Sparse
from scipy.sparse import csr_matrix


def main():
    network = json.load(open(sys.argv[1]))
    steps = network["steps"]
    sizes = {p["name"]: p["size"] for p in network["populations"]}
    processes, sinks = {}, {}
    for p in network["populations"]:
        name, size = p["name"], p["size"]
        if name in network["spikes"]:
            data = np.zeros((size, steps), np.int32)
            data[network["spikes"][name]["neurons"], network["spikes"][name]["steps"]] = 1
            processes[name] = Train(data=data)
        else:
            q = {key: int(value) for key, value in p["params"].items()}
            processes[name] = LIF(shape=(size,), **q)
            sinks[name] = Sink(shape=(size,), buffer=steps)
            processes[name].s_out.connect(sinks[name].a_in)
    for s in network["synapses"]:
        at = (np.array(s["targets"]), np.array(s["sources"]))
        shape = (sizes[s["target"]], sizes[s["source"]])
        weights = csr_matrix((np.array(s["weights"]).astype(np.int32), at), shape=shape)
        delays = np.array(s["delaySteps"]) - 1
        if delays.max() > 0:
            synapses = DelaySparse(weights=weights, delays=csr_matrix((delays, at), shape=shape), max_delay=int(delays.max()))
        else:
            synapses = Sparse(weights=weights)
        processes[s["source"]].s_out.connect(synapses.s_in)
        synapses.a_out.connect(processes[s["target"]].a_in)
    first = next(iter(sinks))
    processes[first].run(condition=RunSteps(num_steps=steps), run_cfg=Loihi2SimCfg(select_tag="fixed_pt"))
    spikes = {}
    for name, sink in sinks.items():
        neurons, when = np.nonzero(sink.data.get())
        order = np.lexsort((neurons, when))
        spikes[name] = {"steps": when[order].tolist(), "neurons": neurons[order].tolist()}
    processes[first].stop()
    json.dump(spikes, open(sys.argv[2], "w"))


if __name__ == "__main__":
    main()
