"""Writes golden/*.json: each network of networks.py and what NEST says of it.

    python make_golden.py [--out DIR] [--offset N]     # needs requirements.txt; another offset draws other networks
"""

import argparse
import json
import pathlib

import run_nest
from networks import all_networks
from run_nest import nest

HERE = pathlib.Path(__file__).parent


def write(path, network, expected, by="test/peers/nest/make_golden.py"):
    golden = {**network, "expected": expected, "made": {"nest": nest.__version__, "by": by}}
    # One line for each key: readable differences, and still small.
    lines = [f"{json.dumps(key)}:{json.dumps(value, separators=(',', ':'))}" for key, value in golden.items()]
    path.write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="utf-8")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--out", type=pathlib.Path, default=HERE / "golden")
    parser.add_argument("--offset", type=int, default=0)
    args = parser.parse_args()
    out = args.out
    out.mkdir(parents=True, exist_ok=True)
    for network in all_networks(args.offset):
        expected = run_nest.run(network)
        path = out / f"{network['name']}.json"
        write(path, network, expected)
        count = sum(len(s["steps"]) for s in expected["spikes"].values())
        print(f"{path.name}: {count} spikes, {len(expected['states'])} traces, {path.stat().st_size} bytes, NEST {nest.__version__}")


if __name__ == "__main__":
    main()
