"""Checks files written by NIL with the real nir package: same nodes, fields, dtypes and edges as the originals.

    /tmp/venv-torch/bin/python test/peers/nir/check_export.py ORIGINAL.nir WRITTEN.nir [ORIGINAL.nir WRITTEN.nir ...]
"""

import sys

import h5py
import nir
import numpy as np


def same(a, b, path):
    assert type(a) is type(b), path
    if isinstance(a, nir.NIRGraph):
        assert list(a.nodes) == list(b.nodes), path
        assert a.edges == b.edges, path
        for name in a.nodes:
            same(a.nodes[name], b.nodes[name], f"{path}/{name}")
        return
    for field, value in vars(a).items():
        other = getattr(b, field)
        if isinstance(value, np.ndarray):
            assert value.dtype == other.dtype and np.array_equal(value, other), f"{path}.{field}"
        elif isinstance(value, dict):
            assert all(np.array_equal(value[k], other[k]) for k in value), f"{path}.{field}"
        else:
            assert value == other, f"{path}.{field}"


for original, written in zip(sys.argv[1::2], sys.argv[2::2]):
    try:
        expected = nir.read(original)
    except ValueError as error:
        print(f"{original}: nir {nir.version} can't read the original either ({str(error)[:60]} ...); comparing raw HDF5")
        tree = {}
        for n, path in enumerate((original, written)):
            with h5py.File(path) as f:
                f.visititems(lambda k, o: tree.setdefault(k, []).append(o[()] if isinstance(o, h5py.Dataset) else None))
        assert all(len(v) == 2 and np.array_equal(v[0], v[1]) for v in tree.values())
        continue
    same(expected, nir.read(written), original)
    print(f"{original}: same through nir {nir.version}")
