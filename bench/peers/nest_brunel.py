"""Brunel's balanced random network in NEST, with the parameters of NEST's own example brunel_delta_nest, nothing recorded."""

import argparse

import nest_common
import peer_common
from nest_common import nest

parser = argparse.ArgumentParser()
parser.add_argument("--threads", type=int, default=2)
parser.add_argument("--order", type=int, default=2500, help="4 x order excitatory and order inhibitory neurons")
parser.add_argument("--duration", type=float, default=1000.0, help="ms")
parser.add_argument("--seed", type=int, default=1)
parser.add_argument("--synapse", default="static_synapse_hom_w_hpc")
args = parser.parse_args()

DT, DELAY, G, ETA, EPSILON = 0.1, 1.5, 5.0, 2.0, 0.1
TAU, THETA, J = 20.0, 20.0, 0.1
ne, ni = 4 * args.order, args.order
ce, ci = int(EPSILON * ne), int(EPSILON * ni)
rate = 1000.0 * ETA * THETA / (J * ce * TAU) * ce

base = peer_common.resident_bytes()
phases = peer_common.Phases()
nest_common.start(args.threads, DT, args.seed)
nest.CopyModel(args.synapse, "excitatory", {"weight": J, "delay": DELAY})
nest.CopyModel(args.synapse, "inhibitory", {"weight": -G * J, "delay": DELAY})
nest.CopyModel("static_synapse", "external", {"weight": J, "delay": DELAY})
params = {"C_m": 1.0, "tau_m": TAU, "t_ref": 2.0, "E_L": 0.0, "V_reset": 0.0, "V_m": 0.0, "V_th": THETA}
exc = nest.Create("iaf_psc_delta", ne, params=params)
inh = nest.Create("iaf_psc_delta", ni, params=params)
noise = nest.Create("poisson_generator", params={"rate": rate})
nest.Connect(noise, exc + inh, syn_spec="external")
nest.Connect(exc, exc + inh, {"rule": "fixed_indegree", "indegree": ce}, "excitatory")
nest.Connect(inh, exc + inh, {"rule": "fixed_indegree", "indegree": ci}, "inhibitory")
spikes = nest_common.simulate(phases, args.duration)

nest_common.finish(
    "brunel",
    phases,
    spikes,
    (ne + ni) * (ce + ci),
    ne + ni,
    args.duration,
    base,
    threads=args.threads,
    synapse=args.synapse,
)
