"""NEST's hpc_benchmark with the parameters of its example hpc_benchmark.py, nothing recorded."""

import argparse

import nest_common
import peer_common
from nest_common import nest

parser = argparse.ArgumentParser()
parser.add_argument("--threads", type=int, default=2)
parser.add_argument("--scale", type=float, default=1.0)
parser.add_argument("--duration", type=float, default=250.0, help="ms")
parser.add_argument("--seed", type=int, default=1)
args = parser.parse_args()

DELAY, G, CE, CI = 1.5, -5.0, 9000, 2250
JE, RATE, TAU_SYN = 45.609600316540956, 20856.037200898867, 0.32582722403722841
ne, ni = round(CE * args.scale), round(CI * args.scale)

base = peer_common.resident_bytes()
phases = peer_common.Phases()
nest_common.start(args.threads, 0.1, args.seed)
params = {
    "E_L": 0.0, "C_m": 250.0, "tau_m": 10.0, "t_ref": 0.5, "V_th": 20.0, "V_reset": 0.0,
    "tau_syn_ex": TAU_SYN, "tau_syn_in": TAU_SYN, "tau_minus": 30.0,
}  # fmt: skip
exc = nest.Create("iaf_psc_alpha", ne, params=params)
inh = nest.Create("iaf_psc_alpha", ni, params=params)
for population in (exc, inh):
    population.V_m = nest.random.normal(5.7, 7.2)
nest.CopyModel("static_synapse_hpc", "syn_ex", {"weight": JE, "delay": DELAY})
nest.CopyModel("static_synapse_hpc", "syn_in", {"weight": G * JE, "delay": DELAY})
stdp = {"weight": JE, "delay": DELAY, "alpha": 0.0513, "lambda": 0.1, "mu": 0.4, "tau_plus": 15.0}
nest.CopyModel("stdp_pl_synapse_hom_hpc", "learning", stdp)
noise = nest.Create("poisson_generator", params={"rate": RATE})
nest.Connect(noise, exc + inh, syn_spec="syn_ex")
rule = {"rule": "fixed_indegree", "allow_autapses": False, "allow_multapses": True}
nest.Connect(exc, exc, {**rule, "indegree": CE}, {"synapse_model": "learning"})
nest.Connect(inh, exc, {**rule, "indegree": CI}, {"synapse_model": "syn_in"})
nest.Connect(exc, inh, {**rule, "indegree": CE}, {"synapse_model": "syn_ex"})
nest.Connect(inh, inh, {**rule, "indegree": CI}, {"synapse_model": "syn_in"})
spikes = nest_common.simulate(phases, args.duration)

nest_common.finish(
    "hpc", phases, spikes, (ne + ni) * (CE + CI), ne + ni, args.duration, base, threads=args.threads, scale=args.scale
)
