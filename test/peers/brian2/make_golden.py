"""Writes golden.json: the models of models.json in Brian2, step by step.

    python make_golden.py [--out FILE]      # needs requirements.txt

A model's equations are the same text for both but for the unit behind the colon, which Brian2 wants as a base unit ('volt', '1'). The input I is a
plain number that changes at a third and at two thirds of the run.
"""

import argparse
import json
import pathlib
import re

import brian2 as b
import numpy as np

HERE = pathlib.Path(__file__).parent
b.prefs.codegen.target = "numpy"
DT = 0.1 * b.ms
UNITS = {"mV": b.mV, "ms": b.ms, "1": 1}
METHODS = {"exact": "exact", "exponential_euler": "exponential_euler", "euler": "euler", "rk4": "rk4"}


def quantity(text):
    number, _, unit = text.partition(" ")
    return float(number) * UNITS[unit or "1"]


def line_of(text):
    flag = " (unless refractory)" if "(unless refractory)" in text else ""
    text = text.replace("(unless refractory)", "").strip()
    body, _, unit = text.rpartition(":")
    body = re.sub(r"\bI\b", "I(t)", body)
    return f"{body.strip()} : {'volt' if unit.strip() == 'mV' else '1'}{flag}"


def run(spec):
    b.start_scope()
    steps = round(spec["duration"] / 0.1)
    third = steps // 3
    values = np.repeat(spec["I"], [third, third, steps - 2 * third])
    namespace = {name: quantity(text) for name, text in spec["parameters"].items()}
    namespace["I"] = b.TimedArray(values, dt=DT)
    extra = {k: spec[k] for k in ("threshold",) if k in spec}
    if "reset" in spec:
        extra["reset"] = spec["reset"].replace(";", "\n")
    if "refractory" in spec:
        extra["refractory"] = quantity(spec["refractory"])
    units = {re.match(r"d(\w+)/dt", e).group(1): UNITS[re.search(r":\s*(\S+)", e).group(1)] for e in spec["equations"]}
    group = b.NeuronGroup(1, "\n".join(line_of(e) for e in spec["equations"]), method=METHODS[spec["method"]], namespace=namespace, dt=DT, **extra)
    for name, value in spec["state"].items():
        setattr(group, name, value * units[name])
    # At the end of each step: after resets.
    monitor = b.StateMonitor(group, list(spec["state"]), record=True, when="end", dt=DT)
    net = b.Network(group, monitor)
    if "threshold" in spec:
        spikes = b.SpikeMonitor(group)
        net.add(spikes)
    net.run(spec["duration"] * b.ms)
    fired = [int(round(float(t / DT))) for t in spikes.t] if "threshold" in spec else []
    traces = {name: (np.asarray(getattr(monitor, name)[0] / units[name])).tolist() for name in spec["state"]}
    return {"spikes": fired, "traces": traces}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--out", type=pathlib.Path, default=HERE / "golden.json")
    out = parser.parse_args().out
    models = json.loads((HERE / "models.json").read_text())
    golden = {name: run(spec) for name, spec in models.items()}
    for name, one in golden.items():
        every = 7
        one["traces"] = {k: v[::every] for k, v in one["traces"].items()}
        one["everySteps"] = every
        print(name, len(one["spikes"]), "spikes")
    lines = [f"{json.dumps(k)}:{json.dumps(v, separators=(',', ':'))}" for k, v in golden.items()]
    head = json.dumps({"brian2": b.__version__, "by": "test/peers/brian2/make_golden.py"})
    out.write_text('{\n"made":' + head + ",\n" + ",\n".join(lines) + "\n}\n")


if __name__ == "__main__":
    main()
