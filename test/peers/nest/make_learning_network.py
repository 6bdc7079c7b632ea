"""A balanced network that learns by the power law, in NEST, over seeds: golden/learning-statistics.json.

hpc_benchmark's neurons and rule in a network of 1000 with 80 + 20 inputs each, whose weights are ten times as large: small enough for a test, and, other than
hpc_benchmark at small scale, not driven into synchrony by few neurons with thousands of common inputs.
"""

import json
import pathlib

import nest
import numpy as np

SEEDS = range(1, 13)
DURATION = 500.0
NE, NI, CE, CI = 800, 200, 80, 20
J, G, NOISE, RATE, DELAY = 456.0, -5.0, 45.609600316540956, 20856.037200898867, 1.5
NEURON = {
    "E_L": 0.0, "C_m": 250.0, "tau_m": 10.0, "t_ref": 0.5, "V_th": 20.0, "V_reset": 0.0,
    "tau_syn_ex": 0.32582722403722841, "tau_syn_in": 0.32582722403722841, "tau_minus": 30.0,
}  # fmt: skip
RULE = {"alpha": 0.0513, "lambda": 0.1, "mu": 0.4, "tau_plus": 15.0}


def run(seed):
    nest.ResetKernel()
    nest.verbosity = nest.VerbosityLevel.ERROR
    nest.SetKernelStatus({"resolution": 0.1, "rng_seed": seed})
    exc = nest.Create("iaf_psc_alpha", NE, params=NEURON)
    inh = nest.Create("iaf_psc_alpha", NI, params=NEURON)
    for population in (exc, inh):
        population.V_m = nest.random.normal(5.7, 7.2)
    nest.CopyModel("static_synapse", "syn_ex", {"weight": J, "delay": DELAY})
    nest.CopyModel("static_synapse", "syn_in", {"weight": G * J, "delay": DELAY})
    nest.CopyModel("stdp_pl_synapse_hom", "learning", {"weight": J, "delay": DELAY, **RULE})
    noise = nest.Create("poisson_generator", params={"rate": RATE})
    nest.Connect(noise, exc + inh, syn_spec={"weight": NOISE, "delay": DELAY})
    for source, target, n, model in (
        (exc, exc, CE, "learning"), (inh, exc, CI, "syn_in"), (exc, inh, CE, "syn_ex"), (inh, inh, CI, "syn_in"),
    ):  # fmt: skip
        rule = {"rule": "fixed_indegree", "indegree": n, "allow_autapses": False, "allow_multapses": True}
        nest.Connect(source, target, rule, {"synapse_model": model})
    recorder = nest.Create("spike_recorder")
    nest.Connect(exc + inh, recorder)
    nest.Simulate(DURATION)
    events = recorder.events
    weights = np.array(nest.GetConnections(exc, exc, "learning").weight)
    senders = events["senders"]
    return {
        "exc": float(np.sum(senders <= NE) / NE / DURATION * 1e3),
        "inh": float(np.sum(senders > NE) / NI / DURATION * 1e3),
        "meanWeight": float(weights.mean()),
        "stdWeight": float(weights.std()),
    }


runs = [run(seed) for seed in SEEDS]
out = {
    name: {"mean": float(np.mean([r[name] for r in runs])), "std": float(np.std([r[name] for r in runs], ddof=1))}
    for name in runs[0]
}
path = pathlib.Path(__file__).parent / "golden" / "learning-statistics.json"
path.write_text(json.dumps({"nest": nest.__version__, "seeds": len(runs), "durationMs": DURATION, **out}, indent=1) + "\n")
print(json.dumps(out))
