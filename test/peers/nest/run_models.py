"""Runs the networks of model_networks.py in NEST: as run_nest.py does, with the library's parameter names turned into NEST's."""

import run_nest
from run_nest import nest

# Parameters that are lists in NEST and numbers here. Lists of two (asc_*, *_stc, *_sfa) keep their defaults: no network sets them.
SINGLE_LISTS = {"glif_psc": ["tau_syn"], "pp_psc_delta": ["tau_sfa", "q_sfa"]}
SWITCHES = {"spike_dependent_threshold", "after_spike_currents", "adapting_threshold", "with_reset"}
PORTS = {"glif_psc": 1}


def parameters(model, params):
    out = {}
    for name, value in params.items():
        out[name] = bool(value) if name in SWITCHES else [value] if name in SINGLE_LISTS.get(model, []) else value
    return out


def create(network, population):
    model, size = population["model"], population["size"]
    if model == "spike_source":
        return original(network, population)
    created = nest.Create(model, size)
    for values in (population["params"], population["initial"]):
        columns = {k: run_nest.per_neuron(v, size) for k, v in values.items()}
        if columns:
            created.set([parameters(model, {k: v[i] for k, v in columns.items()}) for i in range(size)])
    return created


def connect(nodes, projection):
    import numpy as np

    source = np.array(nodes[projection["source"]].tolist())[projection["sources"]]
    target = np.array(nodes[projection["target"]].tolist())[projection["targets"]]
    spec = {
        "synapse_model": "static_synapse",
        "weight": np.array(projection["weights"]),
        "delay": np.array(projection["delaysNs"]) / run_nest.MS,
    }
    port = PORTS.get(nodes[projection["target"]][0].model)
    if port is not None:
        spec["receptor_type"] = port
    nest.Connect(source, target, "one_to_one", spec)


original = run_nest.create
run_nest.create = create
run_nest.connect = connect
run = run_nest.run
