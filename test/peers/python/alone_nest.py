"""A network (peers.ts) by NEST alone: sources are spike generators, everything else is NEST's."""

import json
import os
import sys

os.environ.setdefault("PYNEST_QUIET", "1")

import nest
import numpy as np

network = json.load(open(sys.argv[1]))
dt = network["dtNs"] / 1e6
nest.ResetKernel()
nest.verbosity = nest.VerbosityLevel.ERROR
nest.resolution = dt
nodes, recorders = {}, {}
for p in network["populations"]:
    if p["name"] in network["spikes"]:
        given = network["spikes"][p["name"]]
        trains = [[] for _ in range(p["size"])]
        for step, neuron in zip(given["steps"], given["neurons"]):
            trains[neuron].append(round((step + 1) * dt, 6))
        nodes[p["name"]] = nest.Create("spike_generator", p["size"], params=[{"spike_times": t} for t in trains])
    else:
        made = nest.Create(p["model"], p["size"], params={**p["params"]})
        made.V_m = p["params"]["E_L"]
        if "V_m" in p["initial"]:
            made.V_m = p["initial"]["V_m"]
        recorders[p["name"]] = nest.Create("spike_recorder", params={"time_in_steps": True})
        nest.Connect(made, recorders[p["name"]])
        nodes[p["name"]] = made
for s in network["synapses"]:
    source = nodes[s["source"]][0].global_id + np.array(s["sources"])
    target = nodes[s["target"]][0].global_id + np.array(s["targets"])
    nest.Connect(source, target, "one_to_one", {"weight": np.array(s["weights"]), "delay": np.array(s["delaySteps"]) * dt})
for c in network["currents"]:
    times = [round(t / 1e6 - dt, 6) for t in c["timesNs"]]
    generator = nest.Create("step_current_generator", params={"amplitude_times": times, "amplitude_values": c["amplitudes"]})
    nest.Connect(generator, nodes[c["target"]], "all_to_all", {"delay": dt})
nest.Simulate(network["steps"] * dt)
spikes = {}
for name, recorder in recorders.items():
    events = recorder.events
    steps, neurons = events["times"].astype(int) - 1, events["senders"] - nodes[name][0].global_id
    order = np.lexsort((neurons, steps))
    spikes[name] = {"steps": steps[order].tolist(), "neurons": neurons[order].tolist()}
json.dump(spikes, open(sys.argv[2], "w"))
