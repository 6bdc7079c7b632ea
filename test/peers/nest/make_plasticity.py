"""Weights of plastic synapses in NEST, spike by spike: golden/plasticity.json.

For each rule: four sources with trains of their own, two targets with trains of their own, every source to every target, delays from 0.1 to 3 ms, and
pairs of spikes that coincide at the synapse. Sources and targets are parrots; what arrives at port 1 of a parrot is ignored. Stamps are in steps
of 0.1 ms. A weight is what the weight recorder saw when the spike was sent: after all that changes it.
"""

import json
import pathlib
import random

import nest

DT = 0.1
RULES = {
    "stdp_synapse": [
        {},
        {"mu_plus": 0.0, "mu_minus": 0.0, "lambda": 0.02, "alpha": 1.05, "Wmax": 30.0},
        {"mu_plus": 0.4, "mu_minus": 0.7, "lambda": 0.05, "tau_plus": 15.0, "tau_minus": 33.7, "alpha": 0.9},
        {"Wmax": -80.0, "weight": -20.0, "lambda": 0.05},
    ],
    "stdp_nn_symm_synapse": [{"lambda": 0.05}],
    "stdp_nn_pre_centered_synapse": [{"lambda": 0.05}],
    "stdp_nn_restr_synapse": [{"lambda": 0.05}],
    "stdp_pl_synapse_hom": [{"lambda": 0.1, "alpha": 0.5, "mu": 0.4, "tau_plus": 15.0, "tau_minus": 30.0}],
    "stdp_triplet_synapse": [{"weight": 5.0}, {"Aplus": 0.1, "Aminus": 0.2, "Aplus_triplet": 0.3, "Aminus_triplet": 0.1}],
    "vogels_sprekeler_synapse": [{"eta": 0.1, "Wmax": -100.0, "weight": -20.0}, {"eta": 0.05, "tau": 10.0, "tau_minus": 10.0, "Wmax": 50.0}],
    "tsodyks2_synapse": [{}, {"U": 0.2, "u": 0.2, "tau_rec": 100.0, "tau_fac": 500.0}],
    "tsodyks_synapse": [{}, {"U": 0.1, "tau_rec": 100.0, "tau_fac": 300.0, "tau_psc": 5.0}],
}
NODE = {"tau_minus", "tau_minus_triplet"}
DELAYS = [0.1, 1.0, 1.5, 3.0]
DURATION = 1500.0


def trains(seed):
    """Stamps in steps; some of the sources' meet a target's at the synapse."""
    draw = random.Random(seed)
    poisson = lambda: {s for s in range(20, int(DURATION / DT) - 100) if draw.random() < 0.003}
    post = [poisson() for _ in range(2)]
    pre = []
    for delay in DELAYS:
        own = poisson()
        for k, p in enumerate(sorted(post[0])):
            if k % 5 == 0:
                own.add(p + round(delay / DT))
        pre.append(own)
    return [sorted(t) for t in pre], [sorted(t) for t in post]


def driven(stamps):
    """Parrots that spike at these stamps."""
    parrots = nest.Create("parrot_neuron", len(stamps))
    for parrot, own in zip(parrots, stamps):
        source = nest.Create("spike_generator", params={"spike_times": [round((s - 10) * DT, 1) for s in own]})
        nest.Connect(source, parrot, syn_spec={"delay": 1.0})
    return parrots


def run(rule, params, seed):
    nest.ResetKernel()
    nest.SetKernelStatus({"resolution": DT})
    pre_stamps, post_stamps = trains(seed)
    pre, post = driven(pre_stamps), driven(post_stamps)
    post.set({k: v for k, v in params.items() if k in NODE})
    seen = nest.Create("spike_recorder")
    nest.Connect(pre + post, seen)
    recorder = nest.Create("weight_recorder")
    synapse = {k: v for k, v in params.items() if k not in NODE and k != "weight"}
    nest.CopyModel(rule, "rule", {"weight_recorder": recorder, "weight": params.get("weight", 20.0), **synapse})
    weight = params.get("weight", 20.0)
    for neuron, delay in zip(pre, DELAYS):
        nest.Connect(neuron, post, syn_spec={"synapse_model": "rule", "weight": weight, "delay": delay, "receptor_type": 1})
    nest.Simulate(DURATION)
    steps = lambda times: [round(t / DT) for t in times]
    events = seen.events
    stamps = {n: sorted(steps(t for s, t in zip(events["senders"], events["times"]) if s == n)) for n in (pre + post).tolist()}
    first_pre, first_post = pre.tolist()[0], post.tolist()[0]
    found = recorder.events
    rows = sorted(
        (round(t / DT), int(s) - first_pre, int(r) - first_post, float(w))
        for t, s, r, w in zip(found["times"], found["senders"], found["targets"], found["weights"])
    )
    return {
        "rule": rule,
        "params": {k: v for k, v in params.items() if k != "weight"},
        "weight": weight,
        "delays": [round(d / DT) for d in DELAYS],
        "pre": [stamps[n] for n in pre.tolist()],
        "post": [stamps[n] for n in post.tolist()],
        "stamps": [r[0] for r in rows],
        "sources": [r[1] for r in rows],
        "targets": [r[2] for r in rows],
        "weights": [r[3] for r in rows],
    }


def main():
    nest.verbosity = nest.VerbosityLevel.ERROR
    cases = [run(rule, params, 7 + i) for rule, sets in RULES.items() for i, params in enumerate(sets)]
    path = pathlib.Path(__file__).parent / "golden" / "plasticity.json"
    path.write_text(json.dumps({"nest": nest.__version__, "dtMs": DT, "cases": cases}, separators=(",", ":")) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
