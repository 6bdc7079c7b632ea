"""
A network (peers.ts) by Brian 2 alone, all in one script: `external` populations have the equations of python.test.ts, others are leaky
integrate-and-fire neurons with an exact update. A delay of d here is one of d - dt in Brian, where spikes act after a step's threshold.
"""

import json
import sys

import brian2 as b
import numpy as np

b.prefs.codegen.target = "numpy"
network = json.load(open(sys.argv[1]))
dt = network["dtNs"] * 1e-9 * b.second
b.defaultclock.dt = dt
net = b.Network()
groups, monitors = {}, {}
for p in network["populations"]:
    name, size = p["name"], p["size"]
    if name in network["spikes"]:
        given = network["spikes"][name]
        group = b.SpikeGeneratorGroup(size, given["neurons"], np.array(given["steps"]) * dt)
    elif p["model"] == "external":
        equations = "dv/dt = (I - v) / (10*ms) : 1 (unless refractory)\nI : 1"
        group = b.NeuronGroup(size, equations, threshold="v > 1", reset="v = 0", refractory=2 * b.ms, method="exact")
        group.I = 0.9
    else:
        q = p["params"]
        decay = float(np.exp(-(network["dtNs"] / 1e6) / q["tau_m"]))
        names = {"E": q["E_L"], "th": q["V_th"], "vr": q["V_reset"], "decay": decay, "hold": round(q["t_ref"] * 1e6 / network["dtNs"])}
        group = b.NeuronGroup(size, "v : 1\nx : 1\nleft : integer", threshold="v >= th", reset="v = vr; left = hold", namespace=names)
        group.v = q["E_L"]
        free = "v = int(left <= 0) * (E + decay * (v - E) + x) + int(left > 0) * v\nleft = left - 1\nx = 0"
        group.run_regularly(free, when="groups")
    groups[name] = group
    net.add(group)
    if name not in network["spikes"]:
        monitors[name] = b.SpikeMonitor(group)
        net.add(monitors[name])
models = {p["name"]: p["model"] for p in network["populations"]}
for s in network["synapses"]:
    on_pre = "v_post += w" if models[s["target"]] == "external" else "x_post += w"
    synapses = b.Synapses(groups[s["source"]], groups[s["target"]], "w : 1", on_pre=on_pre)
    synapses.connect(i=np.array(s["sources"]), j=np.array(s["targets"]))
    synapses.w = np.array(s["weights"])
    synapses.delay = (np.array(s["delaySteps"]) - 1) * dt
    net.add(synapses)
net.run(network["steps"] * dt)
spikes = {}
for name, monitor in monitors.items():
    steps, neurons = np.rint(np.asarray(monitor.t / dt)).astype(int), np.asarray(monitor.i)
    order = np.lexsort((neurons, steps))
    spikes[name] = {"steps": steps[order].tolist(), "neurons": neurons[order].tolist()}
json.dump(spikes, open(sys.argv[2], "w"))
