"""The networks of the golden files, in a form that knows nothing of any simulator.

A network is a dict: `dtNs`, `durationNs`, `populations` (name, model, size, params and initial as number or one number a neuron),
`projections` (explicit synapses: sources, targets, weights, delaysNs), `stimuli` (`spikes` of a `spike_source`, `step_current`) and `states`
(which state variables of which neurons are compared, every how many steps). Times are nanoseconds, other units NEST's.
Everything random is drawn here by numpy from a fixed seed and then written out as explicit values.
"""

import numpy as np

DT_NS = 100_000
MS = 1_000_000

MODELS = ("iaf_psc_delta", "iaf_psc_exp", "iaf_psc_alpha")
SYNAPTIC = {
    "iaf_psc_delta": [],
    "iaf_psc_exp": ["I_syn_ex", "I_syn_in"],
    "iaf_psc_alpha": ["I_syn_ex", "I_syn_in"],
}


def population(name, model, size, params=None, initial=None):
    return {"name": name, "model": model, "size": size, "params": params or {}, "initial": initial or {}}


def projection(source, target, synapses):
    """`synapses`: (source, target, weight, delay in steps)."""
    return {
        "source": source,
        "target": target,
        "sources": [int(s[0]) for s in synapses],
        "targets": [int(s[1]) for s in synapses],
        "weights": [float(s[2]) for s in synapses],
        "delaysNs": [int(s[3]) * DT_NS for s in synapses],
    }


def spikes(target, events):
    """`events`: (stamp in ms, neuron); at most one a neuron and step."""
    ordered = sorted((round(t * 10), n) for t, n in events)
    return {
        "kind": "spikes",
        "target": target,
        "timesNs": [t * DT_NS for t, _ in ordered],
        "neurons": [n for _, n in ordered],
    }


def step_current(target, neuron, steps):
    """`steps`: (start in ms, amplitude in pA); an amplitude acts from the step that starts at its time."""
    return {
        "kind": "step_current",
        "target": target,
        "range": [neuron, neuron + 1],
        "timesNs": [round(t * 10) * DT_NS for t, _ in steps],
        "amplitudes": [float(a) for _, a in steps],
    }


def ac_current(target, neuron, amplitude, offset, frequency, phase, start, stop):
    """Start and stop in ms: it acts in the steps that start from `start` on, before `stop`."""
    return {
        "kind": "ac_current",
        "target": target,
        "range": [neuron, neuron + 1],
        "amplitude": float(amplitude),
        "offset": float(offset),
        "frequencyHz": float(frequency),
        "phaseDeg": float(phase),
        "startNs": round(start * 10) * DT_NS,
        "stopNs": round(stop * 10) * DT_NS,
    }


def state(population_name, neurons, variables, every_steps):
    return {"population": population_name, "neurons": neurons, "variables": variables, "everySteps": every_steps}


def step_currents(model, _offset=0):
    """Single neurons under step currents and constant currents, over the corners of the parameters."""
    pops, stims, states = [], [], []

    def add(name, size, params=None, initial=None, every=7):
        pops.append(population(name, model, size, params, initial))
        states.append(state(name, list(range(size)), ["V_m"], every))

    amplitudes = [-300.0, 300.0, 380.0, 450.5, 1000.0, 5000.0]
    add("amplitudes", len(amplitudes))
    for i, amplitude in enumerate(amplitudes):
        stims.append(step_current("amplitudes", i, [(1.0, amplitude), (40.0, 0.0), (55.5, amplitude / 2), (55.6, amplitude), (90.0, 0.0)]))

    # Currents of two stimuli add up; the first amplitude begins in the middle of the run.
    add("two_currents", 1)
    stims.append(step_current("two_currents", 0, [(10.0, 200.0)]))
    stims.append(step_current("two_currents", 0, [(20.0, 250.0), (70.0, -500.0)]))

    # t_ref: none, one step, on the grid, off the grid (NEST rounds up), longer than an interval between spikes.
    t_ref = [0.0, 0.1, 2.0, 2.13, 0.25, 20.0]
    add("refractoriness", len(t_ref), {"I_e": 700.0, "t_ref": t_ref})

    add("constant_current", 4, {"I_e": [374.0, 376.0, 500.0, 1200.0]})

    add(
        "membranes",
        4,
        {
            "C_m": [1.0, 100.0, 250.0, 512.5],
            "tau_m": [20.0, 2.5, 10.0, 33.3],
            "E_L": [0.0, -65.0, -70.0, -58.0],
            "V_th": [20.0, -50.0, -55.0, -47.7],
            "V_reset": [0.0, -65.0, -60.0, -70.0],
            "I_e": [1.3, 800.0, 420.0, 200.0],
            "t_ref": [2.0, 0.5, 3.0, 1.0],
        },
        {"V_m": [5.0, -51.0, -56.5, -40.0]},  # the last one starts above its threshold
    )
    if model != "iaf_psc_exp":
        add("bounded", 3, {"V_min": [-75.0, -70.0, -70.5], "I_e": [-300.0, -5.0, 0.0]})
        stims.append(step_current("bounded", 2, [(5.0, -400.0), (30.0, 900.0), (60.0, -900.0)]))
    return {
        "name": f"{model}-currents",
        "dtNs": DT_NS,
        "durationNs": 100 * MS,
        "populations": pops,
        "projections": [],
        "stimuli": stims,
        "states": states,
    }


def spike_trains(model, offset=0):
    """Single neurons under explicit spike trains: signs, delays, several events in a step, input while refractory."""
    rng = np.random.default_rng(20240 + MODELS.index(model) + offset)
    unit = 1.0 if model == "iaf_psc_delta" else 60.0  # a weight that moves V_m by some mV
    variables = ["V_m", *SYNAPTIC[model]]
    n_sources = 8
    pops = [population("trains", "spike_source", n_sources)]
    events = []
    for neuron in range(n_sources):
        steps = np.sort(rng.choice(np.arange(1, 950), size=40, replace=False))
        events += [(step / 10, neuron) for step in steps]
    # Volleys: all sources in the same step; the first possible stamp and the last.
    events += [(t, n) for t in (30.0, 30.1, 60.0, 0.1, 99.9, 100.0) for n in range(n_sources)]
    stims = [spikes("trains", sorted(set((round(t, 1), n) for t, n in events)))]
    projections, states = [], []

    def add(name, size, params, synapses, every=11):
        pops.append(population(name, model, size, params))
        projections.append(projection("trains", name, synapses))
        states.append(state(name, list(range(size)), variables, every))

    one_delay = [(s, t, round(unit * rng.uniform(0.3, 2.5), 3), 15) for t in range(3) for s in range(n_sources)]
    add("excitatory", 3, {"I_e": [0.0, 200.0, 360.0]}, one_delay)
    mixed = [
        (s, t, round(unit * rng.uniform(0.5, 4.0) * (1 if s % 3 else -1.5), 3), int(rng.integers(1, 40)))
        for t in range(3)
        for s in range(n_sources)
    ]
    add("mixed", 3, {"I_e": [0.0, 350.0, 420.0]}, mixed)
    # Several synapses between the same two neurons, with equal and with different delays.
    multapses = [(s, 0, round(unit * w, 3), d) for s in (0, 1, 2) for w, d in ((0.7, 1), (0.9, 1), (-0.4, 1), (1.1, 7), (0.3, 30))]
    add("multapses", 1, {"I_e": 300.0}, multapses)
    strong = [(s, t, round(unit * 12.0 * (1 if s % 2 else -1), 3), 1 + s) for t in range(2) for s in range(n_sources)]
    add("strong", 2, {"t_ref": [5.0, 0.0], "I_e": [100.0, 0.0]}, strong)
    if model == "iaf_psc_delta":
        add("refractory_input", 2, {"refractory_input": 1, "t_ref": [6.0, 2.0], "I_e": [450.0, 600.0]}, strong)
        add("bounded", 1, {"V_min": -72.0, "I_e": -20.0}, [(s, 0, -1.5 if s % 2 else 1.25, 3) for s in range(n_sources)])
    else:
        # The propagators' corner: synaptic and membrane time constants equal, almost equal, and far apart.
        tau_syn_ex = [10.0, 10.0 + 1e-9, 10.0 + 1e-4, 10.1, 0.2, 100.0, 2.0, 9.0]
        tau_syn_in = [2.0, 10.0, 5.0, 9.9, 10.0, 50.0, 10.0 - 1e-6, 11.0]
        corner = [
            (s, t, round(unit * rng.uniform(0.2, 1.0) * (1 if s % 4 else -2.0), 3), 5 + t)
            for t in range(len(tau_syn_ex))
            for s in range(n_sources)
        ]
        add("time_constants", len(tau_syn_ex), {"tau_syn_ex": tau_syn_ex, "tau_syn_in": tau_syn_in, "I_e": 150.0}, corner, 17)
    return {
        "name": f"{model}-trains",
        "dtNs": DT_NS,
        "durationNs": 100 * MS,
        "populations": pops,
        "projections": projections,
        "stimuli": stims,
        "states": states,
    }


def recurrent(model, offset=0):
    """100 excitatory and 20 inhibitory neurons, each with its own parameters; explicit random synapses; driven by I_e and spike trains."""
    rng = np.random.default_rng(7100 + MODELS.index(model) + offset)
    duration_ms = 300
    sizes = {"exc": 100, "inh": 20}
    unit = {"iaf_psc_delta": 0.9, "iaf_psc_exp": 60.0, "iaf_psc_alpha": 45.0}[model]

    def cell_params(size):
        params = {
            "I_e": np.round(rng.uniform(330.0, 420.0, size), 2).tolist(),
            "V_th": np.round(rng.uniform(-56.0, -54.0, size), 3).tolist(),
            "tau_m": rng.choice([8.0, 10.0, 12.0], size).tolist(),
            "t_ref": rng.choice([1.0, 2.0, 3.0], size).tolist(),
        }
        if model != "iaf_psc_delta":
            params["tau_syn_ex"] = rng.choice([1.5, 2.0], size).tolist()
            params["tau_syn_in"] = rng.choice([2.0, 4.0], size).tolist()
        return params

    pops = [population("drive", "spike_source", 10)]
    for name, size in sizes.items():
        initial = {"V_m": np.round(rng.uniform(-70.0, -57.0, size), 3).tolist()}
        pops.append(population(name, model, size, cell_params(size), initial))

    def synapses(n_source, n_target, indegree, mean, low_delay, high_delay):
        return [
            (s, t, round(mean * rng.uniform(0.5, 1.5), 3), int(rng.integers(low_delay, high_delay + 1)))
            for t in range(n_target)
            for s in rng.integers(0, n_source, indegree)
        ]

    projections = [
        projection("exc", "exc", synapses(100, 100, 10, unit, 1, 30)),
        projection("exc", "inh", synapses(100, 20, 12, unit, 1, 30)),
        projection("inh", "exc", synapses(20, 100, 4, -3.5 * unit, 1, 15)),
        projection("inh", "inh", synapses(20, 20, 4, -3.5 * unit, 1, 15)),
        projection("drive", "exc", synapses(10, 100, 1, 2.0 * unit, 5, 25)),
        projection("drive", "inh", synapses(10, 20, 1, 2.0 * unit, 5, 25)),
    ]
    events = []
    for neuron in range(10):
        steps = np.sort(rng.choice(np.arange(1, duration_ms * 10), size=25, replace=False))
        events += [(step / 10, neuron) for step in steps]
    return {
        "name": f"{model}-network",
        "dtNs": DT_NS,
        "durationNs": duration_ms * MS,
        "populations": pops,
        "projections": projections,
        "stimuli": [spikes("drive", events)],
        "states": [
            state("exc", [0, 17, 50, 99], ["V_m"], 13),
            state("inh", [0, 19], ["V_m", *SYNAPTIC[model]], 13),
        ],
    }


def all_networks(offset=0):
    """`offset` draws other networks of the same kinds; the golden files have 0."""
    return [make(model, offset) for model in MODELS for make in (step_currents, spike_trains, recurrent)]
