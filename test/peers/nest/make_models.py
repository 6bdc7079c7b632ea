"""Writes golden-models/*.json: each network of model_networks.py and what NEST says of it.

    python make_models.py [--out DIR]
"""

import argparse
import pathlib

import make_golden
import run_models
from model_networks import all_networks
from run_nest import nest


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--out", type=pathlib.Path, default=make_golden.HERE / "golden-models")
    out = parser.parse_args().out
    out.mkdir(parents=True, exist_ok=True)
    for network in all_networks():
        expected = run_models.run(network)
        path = out / f"{network['name']}.json"
        make_golden.write(path, network, expected, by="test/peers/nest/make_models.py")
        count = sum(len(s["steps"]) for s in expected["spikes"].values())
        print(f"{path.name}: {count} spikes, {len(expected['states'])} traces, {path.stat().st_size} bytes, NEST {nest.__version__}")


if __name__ == "__main__":
    main()
