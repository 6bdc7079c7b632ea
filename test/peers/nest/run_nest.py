"""Runs a neutral network (networks.py) in NEST. How times are mapped is told in README.md."""

import os

os.environ.setdefault("PYNEST_QUIET", "1")

import nest  # noqa: E402
import numpy as np  # noqa: E402

MS = 1_000_000
# NEST parameters that are booleans there and 0 or 1 here.
BOOLEANS = {"refractory_input"}


def per_neuron(value, size):
    return list(value) if isinstance(value, list) else [value] * size


def run(network):
    """Returns `spikes` (population -> steps, neurons) and `states` (one entry for each requested neuron and variable)."""
    dt_ms = network["dtNs"] / MS
    nest.ResetKernel()
    nest.verbosity = nest.VerbosityLevel.ERROR
    nest.resolution = dt_ms
    nodes = {p["name"]: create(network, p) for p in network["populations"]}
    for projection in network["projections"]:
        connect(nodes, projection)
    for stimulus in network["stimuli"]:
        if stimulus["kind"] == "step_current":
            inject(nodes, stimulus, dt_ms)
        if stimulus["kind"] == "ac_current":
            inject_ac(nodes, stimulus, dt_ms)
    recorders = {}
    for population in network["populations"]:
        if population["model"] != "spike_source":
            recorders[population["name"]] = nest.Create("spike_recorder")
            nest.Connect(nodes[population["name"]], recorders[population["name"]])
    meters = []
    for state in network["states"]:
        for neuron in state["neurons"]:
            meter = nest.Create("multimeter", params={"interval": dt_ms, "record_from": state["variables"]})
            nest.Connect(meter, nodes[state["population"]][neuron])
            meters.append((state, neuron, meter))
    # A multimeter hands over what it has read one slice later: run on, and cut.
    nest.Simulate(network["durationNs"] / MS + 10.0)
    steps = network["durationNs"] // network["dtNs"]
    return {
        "spikes": {name: spikes_of(nodes[name], recorder, dt_ms, steps) for name, recorder in recorders.items()},
        "states": [trace for state, neuron, meter in meters for trace in traces_of(state, neuron, meter, dt_ms, steps)],
    }


def create(network, population):
    size = population["size"]
    if population["model"] == "spike_source":
        trains = [[] for _ in range(size)]
        for stimulus in network["stimuli"]:
            if stimulus["kind"] == "spikes" and stimulus["target"] == population["name"]:
                for time, neuron in zip(stimulus["timesNs"], stimulus["neurons"]):
                    trains[neuron].append(time / MS)
        return nest.Create("spike_generator", size, params=[{"spike_times": train} for train in trains])
    created = nest.Create(population["model"], size)
    # V_m last: setting E_L moves it.
    for values in (population["params"], population["initial"]):
        if not values:
            continue
        columns = {k: per_neuron(v, size) for k, v in values.items()}
        created.set([{k: bool(v[i]) if k in BOOLEANS else v[i] for k, v in columns.items()} for i in range(size)])
    if "V_m" not in population["initial"]:
        created.set([{"V_m": e_l} for e_l in created.get("E_L")] if size > 1 else {"V_m": created.get("E_L")})
    return created


def connect(nodes, projection):
    source = np.array(nodes[projection["source"]].tolist())[projection["sources"]]
    target = np.array(nodes[projection["target"]].tolist())[projection["targets"]]
    nest.Connect(
        source,
        target,
        "one_to_one",
        {
            "synapse_model": "static_synapse",
            "weight": np.array(projection["weights"]),
            "delay": np.array(projection["delaysNs"]) / MS,
        },
    )


def inject(nodes, stimulus, dt_ms):
    """A generator's amplitude of time t acts, with a delay of one step, from the step that starts at t + dt: set it one step earlier."""
    generator = nest.Create(
        "step_current_generator",
        params={
            "amplitude_times": [t / MS - dt_ms for t in stimulus["timesNs"]],
            "amplitude_values": stimulus["amplitudes"],
        },
    )
    begin, end = stimulus["range"]
    nest.Connect(generator, nodes[stimulus["target"]][begin:end], "all_to_all", {"weight": 1.0, "delay": dt_ms})


def inject_ac(nodes, stimulus, dt_ms):
    """What a generator sends in the step that ends at t, the sine of t, acts from the step that starts at t + dt: so the phase is a step ahead."""
    generator = nest.Create(
        "ac_generator",
        params={
            "amplitude": stimulus["amplitude"],
            "offset": stimulus["offset"],
            "frequency": stimulus["frequencyHz"],
            "phase": stimulus["phaseDeg"] + 360.0 * stimulus["frequencyHz"] * dt_ms / 1000.0,
            "start": stimulus["startNs"] / MS - dt_ms,
            "stop": stimulus["stopNs"] / MS - dt_ms,
        },
    )
    begin, end = stimulus["range"]
    nest.Connect(generator, nodes[stimulus["target"]][begin:end], "all_to_all", {"weight": 1.0, "delay": dt_ms})


def spikes_of(nodes, recorder, dt_ms, steps):
    events = recorder.events
    emitted = np.rint(events["times"] / dt_ms).astype(int) - 1
    neurons = events["senders"] - nodes[0].global_id
    kept = emitted < steps
    order = np.lexsort((neurons[kept], emitted[kept]))
    return {"steps": emitted[kept][order].tolist(), "neurons": neurons[kept][order].tolist()}


def traces_of(state, neuron, meter, dt_ms, steps):
    events = meter.events
    step = np.rint(events["times"] / dt_ms).astype(int) - 1
    assert step[0] == 0 and (np.diff(step) == 1).all() and step[-1] >= steps - 1
    for variable in state["variables"]:
        yield {
            "population": state["population"],
            "neuron": neuron,
            "variable": variable,
            "everySteps": state["everySteps"],
            "values": events[variable][:steps : state["everySteps"]].tolist(),
        }
