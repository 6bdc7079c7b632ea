"""The cortical microcircuit of Potjans & Diesmann (2014) in NEST, nothing recorded.

Follows NEST's own example (Potjans_2014): `--scale s` scales neurons and in-degrees by s, weights by 1/sqrt(s), and adds the direct current
that keeps mean and variance of the input, from the full-scale rates. Weights and delays are redrawn until they're within their bounds.
"""

import argparse

import numpy as np

import nest_common
import peer_common
from nest_common import nest

parser = argparse.ArgumentParser()
parser.add_argument("--threads", type=int, default=2)
parser.add_argument("--scale", type=float, default=1.0)
parser.add_argument("--duration", type=float, default=1000.0, help="ms")
parser.add_argument("--warm", type=float, default=0.0, help="ms simulated before the clock starts")
parser.add_argument("--seed", type=int, default=1)
parser.add_argument("--synapse", default="static_synapse_hpc")
args = parser.parse_args()

DT = 0.1
NAMES = ["L23E", "L23I", "L4E", "L4I", "L5E", "L5I", "L6E", "L6I"]
N_FULL = np.array([20683, 5834, 21915, 5479, 4850, 1065, 14395, 2948])
PROBABILITY = np.array(  # row: target, column: source
    [
        [0.1009, 0.1689, 0.0437, 0.0818, 0.0323, 0.0, 0.0076, 0.0],
        [0.1346, 0.1371, 0.0316, 0.0515, 0.0755, 0.0, 0.0042, 0.0],
        [0.0077, 0.0059, 0.0497, 0.135, 0.0067, 0.0003, 0.0453, 0.0],
        [0.0691, 0.0029, 0.0794, 0.1597, 0.0033, 0.0, 0.1057, 0.0],
        [0.1004, 0.0622, 0.0505, 0.0057, 0.0831, 0.3726, 0.0204, 0.0],
        [0.0548, 0.0269, 0.0257, 0.0022, 0.06, 0.3158, 0.0086, 0.0],
        [0.0156, 0.0066, 0.0211, 0.0166, 0.0572, 0.0197, 0.0396, 0.2252],
        [0.0364, 0.001, 0.0034, 0.0005, 0.0277, 0.008, 0.0658, 0.1443],
    ]
)
K_EXT = np.array([1600, 1500, 2100, 1900, 2000, 1900, 2900, 2100])
RATES = np.array([0.971, 2.868, 4.746, 5.396, 8.142, 9.078, 0.991, 7.523])
BACKGROUND_HZ = 8.0
C_M, TAU_M, TAU_SYN = 250.0, 10.0, 0.5
PSP, G, WEIGHT_REL_STD = 0.15, -4.0, 0.1
DELAY_MEAN, DELAY_STD = (1.5, 0.75), (0.75, 0.375)

# Peak of the response of V_m to a current of 1 pA, inverted.
SUB = 1.0 / (TAU_SYN - TAU_M)
PRE = TAU_M * TAU_SYN / C_M * SUB
FRAC = (TAU_M / TAU_SYN) ** SUB
PSC = PSP / (PRE * (FRAC**TAU_M - FRAC**TAU_SYN))

weights = np.tile(np.where(np.arange(8) % 2 == 0, PSC, G * PSC), (8, 1))
weights[0, 2] *= 2.0
product = np.outer(N_FULL, N_FULL).astype(float)
full_synapses = np.log(1.0 - PROBABILITY) / np.log((product - 1.0) / product)
scale = args.scale
root = np.sqrt(scale)
n = np.round(N_FULL * scale).astype(int)
synapses = np.round(full_synapses * scale * scale).astype(int)
recurrent = (weights * full_synapses / N_FULL[:, None] * RATES).sum(axis=1)
direct = 0.001 * TAU_SYN * (1.0 - root) * (recurrent + PSC * K_EXT * BACKGROUND_HZ)
weights = weights / root
external = PSC / root

base = peer_common.resident_bytes()
phases = peer_common.Phases()
nest_common.start(args.threads, DT, args.seed)
populations = [
    nest.Create(
        "iaf_psc_exp",
        int(n[i]),
        {
            "C_m": C_M,
            "tau_m": TAU_M,
            "tau_syn_ex": TAU_SYN,
            "tau_syn_in": TAU_SYN,
            "t_ref": 2.0,
            "E_L": -65.0,
            "V_th": -50.0,
            "V_reset": -65.0,
            "I_e": float(direct[i]),
            "V_m": nest.random.normal(-58.0, 10.0),
        },
    )
    for i in range(8)
]
# A thread holds at most 2^27 connections of one synapse model, fewer than there are here on two threads: one copy for each source population.
for name in NAMES:
    nest.CopyModel(args.synapse, f"{args.synapse}_{name}")
for i, target in enumerate(populations):
    for j, source in enumerate(populations):
        if synapses[i, j] == 0:
            continue
        mean = weights[i, j]
        low, high = (0.0, np.inf) if mean > 0 else (-np.inf, 0.0)
        nest.Connect(
            source,
            target,
            {"rule": "fixed_total_number", "N": int(synapses[i, j])},
            {
                "synapse_model": f"{args.synapse}_{NAMES[j]}",
                "weight": nest.math.redraw(nest.random.normal(mean, abs(mean) * WEIGHT_REL_STD), min=low, max=high),
                "delay": nest.math.redraw(
                    nest.random.normal(DELAY_MEAN[j % 2], DELAY_STD[j % 2]), min=DT - 0.5 * DT, max=np.inf
                ),
            },
        )
for i, target in enumerate(populations):
    noise = nest.Create("poisson_generator", params={"rate": BACKGROUND_HZ * float(np.round(K_EXT[i] * scale))})
    nest.Connect(noise, target, "all_to_all", {"synapse_model": "static_synapse", "weight": external, "delay": 1.5})
if args.warm > 0:
    nest_common.simulate(phases, args.warm)
    phases.seconds["warm"] = phases.seconds.pop("simulate")
    nest.Run(args.duration)
    phases.mark("simulate")
    spikes = nest.GetKernelStatus("local_spike_counter")
else:
    spikes = nest_common.simulate(phases, args.duration)

nest_common.finish(
    "microcircuit",
    phases,
    spikes,
    synapses.sum(),
    n.sum(),
    args.duration,
    base,
    scale=scale,
    threads=args.threads,
    synapse=args.synapse,
)
