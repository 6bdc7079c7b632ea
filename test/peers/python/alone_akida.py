"""
A network (peers.ts) by the akida package alone: one layer for each projection, without activation; their potentials are added up, and a neuron
fires where the sum is above its threshold.
"""

import json
import sys

import akida
import numpy as np

network = json.load(open(sys.argv[1]))
steps = network["steps"]
sizes = {p["name"]: p["size"] for p in network["populations"]}
fired = {name: np.zeros((steps, size), np.uint8) for name, size in sizes.items()}
for name, given in network["spikes"].items():
    fired[name][given["steps"], given["neurons"]] = 1
layers = []
for s in network["synapses"]:
    rows, columns = sizes[s["source"]], sizes[s["target"]]
    model = akida.Model()
    model.add(akida.InputData((1, 1, rows), input_bits=1))
    layer = akida.FullyConnected(units=columns, weights_bits=4, activation=False)
    model.add(layer)
    weights = np.zeros((1, 1, rows, columns), np.int8)
    weights[0, 0, s["sources"], s["targets"]] = s["weights"]
    layer.set_variable("weights", weights)
    layers.append((s, s["delaySteps"][0], model))
for step in range(steps):
    for p in network["populations"]:
        if p["name"] in network["spikes"]:
            continue
        potential = np.zeros(p["size"], np.int64)
        for s, delay, model in layers:
            if s["target"] == p["name"] and step - delay >= 0:
                events = fired[s["source"]][step - delay].reshape(1, 1, 1, -1)
                potential += model.forward(events).reshape(-1).astype(np.int64)
        fired[p["name"]][step] = potential > p["params"]["threshold"]
spikes = {}
for name in sizes:
    if name not in network["spikes"]:
        when, neurons = np.nonzero(fired[name])
        spikes[name] = {"steps": when.tolist(), "neurons": neurons.tolist()}
json.dump(spikes, open(sys.argv[2], "w"))
