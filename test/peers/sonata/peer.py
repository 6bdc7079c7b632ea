"""libsonata reads spikes and edges; a file as the SONATA guide describes it is written with h5py."""

import json
import sys
from importlib.metadata import version

import libsonata


def read(path):
    reader = libsonata.SpikeReader(path)
    found = {}
    for name in reader.get_population_names():
        population = reader[name]
        spikes = population.get()
        found[name] = {
            "sorting": str(population.sorting),
            "units": population.time_units,
            "spikes": [[int(node), float(time)] for node, time in spikes],
        }
    return found


def write(path):
    import h5py
    import numpy as np

    times = [0.1, 0.25, 0.25, 7.5, 1000.0]
    nodes = [3, 0, 9, 3, 5]
    with h5py.File(path, "w") as file:
        file.attrs["magic"] = np.uint32(0x0A7A)
        file.attrs["version"] = np.array([0, 1], dtype=np.uint32)
        group = file.create_group("spikes/cortex")
        sorting = h5py.enum_dtype({"none": 0, "by_id": 1, "by_time": 2}, basetype=np.uint8)
        group.attrs.create("sorting", 2, dtype=sorting)
        group.create_dataset("timestamps", data=np.array(times)).attrs["units"] = "ms"
        group.create_dataset("node_ids", data=np.array(nodes, dtype=np.uint64))
    return {"spikes": [[node, time] for node, time in zip(nodes, times)], "libsonata": read(path)}


def edges(path, folder):
    """What libsonata reads of weights.h5, and the same weights as NumPy arrays."""
    import numpy as np

    storage = libsonata.EdgeStorage(path)
    found = {}
    for name in sorted(storage.population_names):
        population = storage.open_population(name)
        all_edges = libsonata.Selection([(0, population.size)])
        found[name] = {
            "source": population.source,
            "target": population.target,
            "sources": population.source_nodes(all_edges).tolist(),
            "targets": population.target_nodes(all_edges).tolist(),
            "weights": population.get_attribute("syn_weight", all_edges).tolist(),
            "delays": population.get_attribute("delay", all_edges).tolist(),
        }
    arrays = {name: np.load(f"{folder}/{name}.npy").tolist() for name in ("sources", "targets", "weights", "delays")}
    return {"edges": found, "arrays": arrays}


command, *arguments = sys.argv[1:]
RUN = {"read": read, "write": write, "edges": edges, "versions": lambda: {name: version(name) for name in ("libsonata", "h5py")}}
print(json.dumps(RUN[command](*arguments)))
