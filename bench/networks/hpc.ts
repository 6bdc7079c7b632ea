/**
 * NEST's hpc_benchmark (pynest/examples/hpc_benchmark.py; Kunkel et al. 2014, Front Neuroinform 8:78): a balanced random network of 11,250 neurons, each with 9000
 * excitatory and 2250 inhibitory inputs, of which those between excitatory neurons learn by power-law STDP (Morrison et al. 2007).
 */
import { type Graph, type GraphInput, InputError, parseGraph } from '../../graph/index.js';

const EXCITATORY = 9000;
const INHIBITORY = 2250;
/** Peak of the EPSP is 0.14 mV. */
const WEIGHT_PA = 45.609600316540956;
const INHIBITION = -5;
const TAU_SYN_MS = 0.3258272240372284;
/** 1.685 times the rate that by itself just reaches threshold. */
const RATE_HZ = 20856.037200898867;
const DELAY = '1.5 ms';

/**
 * `scale` multiplies neurons; in-degrees stay, as in the original.
 * @throws InputError SCALE
 */
export function hpcInput(scale = 1): GraphInput {
  const sizes = { exc: Math.round(EXCITATORY * scale), inh: Math.round(INHIBITORY * scale) };
  if (!(sizes.inh >= 2)) throw new InputError('SCALE', `hpc: scale ${scale}, must be 0.001 or more`);
  const indegree = { exc: EXCITATORY, inh: INHIBITORY };
  const kinds = ['exc', 'inh'] as const;
  const cell = {
    model: 'iaf_psc_alpha',
    params: {
      E_L: '0 mV',
      C_m: '250 pF',
      tau_m: '10 ms',
      t_ref: '0.5 ms',
      V_th: '20 mV',
      V_reset: '0 mV',
      tau_syn_ex: `${TAU_SYN_MS} ms`,
      tau_syn_in: `${TAU_SYN_MS} ms`,
    },
    initial: { V_m: { normal: { mean: '5.7 mV', std: '7.2 mV' } } },
  };
  const synapse = {
    model: 'stdp_pl_synapse_hom',
    alpha: 0.0513,
    lambda: 0.1,
    mu: 0.4,
    tau_plus: '15 ms',
    tau_minus: '30 ms',
    Wmax: '2000 pA',
  };
  return {
    nil: 1,
    name: 'hpc',
    metadata: {
      citation: 'Kunkel et al. (2014) Front Neuroinform 8:78; NEST hpc_benchmark',
      scale: `${scale}`,
    },
    defaults: { dt: '0.1 ms', duration: '250 ms', seed: 1 },
    populations: Object.fromEntries(kinds.map((name) => [name, { ...cell, size: sizes[name] }])),
    projections: kinds.flatMap((source) =>
      kinds.map((target) => ({
        source,
        target,
        rule: 'fixed_indegree' as const,
        indegree: indegree[source],
        allow_autapses: false,
        weight: `${source === 'exc' ? WEIGHT_PA : INHIBITION * WEIGHT_PA} pA`,
        delay: DELAY,
        ...(source === 'exc' && target === 'exc' ? { synapse } : {}),
      })),
    ),
    stimuli: kinds.map((target) => ({
      kind: 'poisson' as const,
      target,
      rate: `${RATE_HZ} Hz`,
      weight: `${WEIGHT_PA} pA`,
      delay: DELAY,
    })),
  };
}

/** @throws InputError SCALE */
export function hpc(scale = 1): Graph {
  return parseGraph(JSON.stringify(hpcInput(scale)), 'hpc.json');
}
