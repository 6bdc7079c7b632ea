"""Networks of the library's other models (networks.py has iaf_psc_*): step currents, spike trains, and a network without noise, for each.

The same form as in networks.py; made into golden-models/*.json by make_models.py.
"""

import numpy as np
from networks import DT_NS, MS, ac_current, population, projection, spikes, state, step_current

# For each model: its variants (name, parameters), currents in pA, a weight that moves V_m by some mV with its sign for inhibition,
# state variables that NEST records too, and the current that makes it fire in a network.
MODELS = {
    "izhikevich": {
        "variants": [("regular", {}), ("fast", {"a": 0.1, "d": 2.0}), ("bursting", {"c": -50.0, "d": 2.0})],
        "currents": [-5.0, 4.0, 10.0, 25.0],
        "weight": 5.0,
        "variables": ["V_m", "U_m"],
        "drive": (4.0, 8.0),
    },
    "aeif_cond_exp": {
        "variants": [("default", {}), ("refractory", {"t_ref": 2.0}), ("iaf", {"Delta_T": 0.0}), ("strong", {"a": 20.0, "b": 10.0, "tau_w": 30.0, "tau_syn_ex": 2.0})],
        "currents": [-400.0, 500.0, 700.0, 1500.0],
        "weight": 100.0,
        "variables": ["V_m", "w", "g_ex", "g_in"],
        "drive": (600.0, 800.0),
    },
    "aeif_cond_alpha": {
        "variants": [("default", {}), ("refractory", {"t_ref": 2.0}), ("slow", {"tau_syn_ex": 2.0, "tau_syn_in": 8.0})],
        "currents": [-400.0, 500.0, 700.0, 1500.0],
        "weight": 30.0,
        "variables": ["V_m", "w", "g_ex", "g_in"],
        "drive": (600.0, 800.0),
    },
    "aeif_psc_exp": {
        "variants": [("default", {}), ("refractory", {"t_ref": 2.0, "tau_syn_ex": 2.0})],
        "currents": [-400.0, 500.0, 700.0, 1500.0],
        "weight": 2000.0,
        "variables": ["V_m", "w", "I_syn_ex", "I_syn_in"],
        "drive": (600.0, 800.0),
    },
    "hh_psc_alpha": {
        "variants": [("default", {}), ("slow", {"tau_syn_ex": 1.0, "tau_syn_in": 2.0})],
        "currents": [-100.0, 400.0, 800.0, 2000.0],
        "weight": 150.0,
        "variables": ["V_m", "Act_m", "Inact_h", "Act_n", "I_syn_ex", "I_syn_in"],
        "drive": (600.0, 900.0),
    },
    "hh_cond_exp_traub": {
        "variants": [("default", {}), ("fast", {"tau_syn_ex": 1.0, "tau_syn_in": 3.0})],
        "currents": [-100.0, 100.0, 400.0, 1500.0],
        "weight": 5.0,
        "variables": ["V_m", "Act_m", "Inact_h", "Act_n", "g_ex", "g_in"],
        "drive": (200.0, 500.0),
    },
    "iaf_cond_exp": {
        "variants": [("default", {}), ("slow", {"tau_syn_ex": 3.0, "t_ref": 0.5})],
        "currents": [-200.0, 240.0, 300.0, 900.0],
        "weight": 20.0,
        "variables": ["V_m", "g_ex", "g_in"],
        "drive": (260.0, 320.0),
    },
    "iaf_cond_alpha": {
        "variants": [("default", {}), ("slow", {"tau_syn_ex": 3.0, "t_ref": 0.5})],
        "currents": [-200.0, 240.0, 300.0, 900.0],
        "weight": 8.0,
        "variables": ["V_m", "g_ex", "g_in"],
        "drive": (260.0, 320.0),
    },
    "mat2_psc_exp": {
        "variants": [("default", {}), ("slow", {"tau_1": 20.0, "tau_2": 100.0, "omega": -55.0, "t_ref": 3.05})],
        "currents": [-100.0, 400.0, 600.0, 2000.0],
        "weight": 1200.0,
        "variables": ["V_m"],
        "drive": (450.0, 600.0),
    },
    "glif_psc": {
        "variants": [
            ("glif1", {}),
            ("glif2", {"spike_dependent_threshold": 1}),
            ("glif3", {"after_spike_currents": 1}),
            ("glif4", {"spike_dependent_threshold": 1, "after_spike_currents": 1}),
            ("glif5", {"spike_dependent_threshold": 1, "after_spike_currents": 1, "adapting_threshold": 1}),
        ],
        "currents": [-100.0, 270.0, 350.0, 700.0],
        "weight": 200.0,
        "variables": ["V_m", "threshold_spike", "threshold_voltage"],
        "drive": (280.0, 360.0),
    },
    # Of stochastic models, what chance has no part in: they can't spike here.
    "pp_psc_delta": {
        "variants": [("silent", {"c_2": 0.0})],
        "currents": [-300.0, 200.0, 500.0, 900.0],
        "weight": 1.5,
        "variables": ["V_m"],
        "drive": None,
    },
    "gif_psc_exp": {
        "variants": [("silent", {"lambda_0": 0.0})],
        "currents": [-50.0, 20.0, 60.0, 120.0],
        "weight": 20.0,
        "variables": ["V_m", "I_syn_ex", "I_syn_in"],
        "drive": None,
    },
}

# Models that have no parameter I_e take their drive as a step current from time 0.
WITHOUT_I_E = {"glif_psc"}


def network(name, duration_ms, populations, projections, stimuli, states):
    return {
        "name": name,
        "dtNs": DT_NS,
        "durationNs": duration_ms * MS,
        "populations": populations,
        "projections": projections,
        "stimuli": stimuli,
        "states": states,
    }


def currents(model, duration_ms=120):
    spec = MODELS[model]
    pops, stims, states = [], [], []
    for variant, params in spec["variants"]:
        amplitudes = spec["currents"]
        pops.append(population(variant, model, len(amplitudes), params))
        for i, a in enumerate(amplitudes):
            stims.append(step_current(variant, i, [(2.0, a), (60.0, 0.0), (75.5, a / 2), (75.6, a), (110.0, 0.0)]))
        states.append(state(variant, list(range(len(amplitudes))), spec["variables"], 13))
    return network(f"{model}-currents", duration_ms, pops, [], stims, states)


def trains(model, duration_ms=100):
    spec = MODELS[model]
    rng = np.random.default_rng(4242 + sorted(MODELS).index(model))
    n = 8
    events = [(int(s) / 10, k) for k in range(n) for s in np.sort(rng.choice(np.arange(1, duration_ms * 10), 25, replace=False))]
    events += [(t, k) for t in (30.0, 30.1, 60.0) for k in range(n)]
    pops = [population("trains", "spike_source", n)]
    stims = [spikes("trains", sorted(set((round(t, 1), k) for t, k in events)))]
    projections, states = [], []
    for variant, params in spec["variants"]:
        size = 3
        pops.append(population(variant, model, size, params))
        synapses = [
            (s, t, round(spec["weight"] * rng.uniform(0.5, 1.5) * (1 if s % 3 else -1.5) * (0.6, 1.0, 1.8)[t], 3), int(rng.integers(1, 25)))
            for t in range(size)
            for s in range(n)
        ]
        projections.append(projection("trains", variant, synapses))
        states.append(state(variant, list(range(size)), spec["variables"], 17))
    return network(f"{model}-trains", duration_ms, pops, projections, stims, states)


def recurrent(model, duration_ms=150):
    spec = MODELS[model]
    rng = np.random.default_rng(9001 + sorted(MODELS).index(model))
    low, high = spec["drive"]
    _, params = spec["variants"][-1 if model == "glif_psc" else 0]
    sizes = {"exc": 40, "inh": 10}
    pops, stims = [], []
    for name, size in sizes.items():
        drive = np.round(rng.uniform(low, high, size), 2).tolist()
        if model in WITHOUT_I_E:
            pops.append(population(name, model, size, dict(params)))
            stims += [step_current(name, i, [(0.2, a)]) for i, a in enumerate(drive)]
        else:
            pops.append(population(name, model, size, {**params, "I_e": drive}))

    def synapses(n_source, n_target, indegree, sign):
        return [
            (int(s), t, round(sign * 0.15 * spec["weight"] * rng.uniform(0.5, 1.5), 3), int(rng.integers(1, 31)))
            for t in range(n_target)
            for s in rng.integers(0, n_source, indegree)
        ]

    projections = [
        projection("exc", "exc", synapses(40, 40, 6, 1)),
        projection("exc", "inh", synapses(40, 10, 8, 1)),
        projection("inh", "exc", synapses(10, 40, 3, -2)),
        projection("inh", "inh", synapses(10, 10, 3, -2)),
    ]
    states = [state("exc", [0, 20, 39], spec["variables"], 19)]
    return network(f"{model}-network", duration_ms, pops, projections, stims, states)


def parrots(duration_ms=100):
    """A chain of parrots behind spike trains, and what the last ones do to a neuron."""
    rng = np.random.default_rng(77)
    n = 6
    events = [(int(s) / 10, k) for k in range(n) for s in np.sort(rng.choice(np.arange(1, duration_ms * 10), 60, replace=False))]
    pops = [
        population("trains", "spike_source", n),
        population("first", "parrot_neuron", n),
        population("second", "parrot_neuron", n),
        population("cell", "iaf_psc_alpha", 1),
    ]
    projections = [
        projection("trains", "first", [(k, k, 1.0, 1 + k) for k in range(n)]),
        projection("first", "second", [(k, (k + 1) % n, 1.0, 3 + 2 * k) for k in range(n)]),
        projection("second", "cell", [(k, 0, 90.0 + k, 5) for k in range(n)]),
    ]
    return network("parrot_neuron-trains", duration_ms, pops, projections, [spikes("trains", events)], [state("cell", [0], ["V_m"], 11)])


def alternating(duration_ms=200):
    """ac_generator: below and above threshold, with offset, phase, start and stop, and two that add up."""
    cases = [
        (300.0, 0.0, 20.0, 0.0, 0.2, 1000.0),
        (300.0, 250.0, 35.5, 90.0, 10.0, 150.0),
        (500.0, 400.0, 7.3, -45.0, 0.2, 1000.0),
        (80.0, -50.0, 440.0, 30.0, 20.0, 60.0),
    ]
    stims = [ac_current("cells", i, *case) for i, case in enumerate(cases)]
    stims += [ac_current("cells", 4, *cases[0]), ac_current("cells", 4, *cases[3])]
    pops = [population("cells", "iaf_psc_alpha", 5)]
    return network("ac_current-iaf_psc_alpha", duration_ms, pops, [], stims, [state("cells", list(range(5)), ["V_m"], 7)])


def all_networks():
    yield parrots()
    yield alternating()
    for model, spec in MODELS.items():
        yield currents(model)
        yield trains(model)
        if spec["drive"] is not None:
            yield recurrent(model)
