/**
 * The cortical microcircuit: 1 mm² of early sensory cortex, four layers of an excitatory and an inhibitory population each.
 *
 * Potjans & Diesmann (2014) The cell-type specific cortical microcircuit: relating structure and activity in a full-scale spiking network
 * model. Cerebral Cortex 24(3):785–806, doi 10.1093/cercor/bhs358. Figures as in NEST's example Potjans_2014 (`V0_type` "original").
 */
import { exp, type Graph, type GraphInput, InputError, log, parseGraph } from '../../graph/index.js';

export const POPULATIONS = ['L23E', 'L23I', 'L4E', 'L4I', 'L5E', 'L5I', 'L6E', 'L6I'] as const;
export type MicrocircuitPopulation = (typeof POPULATIONS)[number];

const SIZES = [20683, 5834, 21915, 5479, 4850, 1065, 14395, 2948];

/** Row: target, column: source. */
const PROBABILITIES = [
  [0.1009, 0.1689, 0.0437, 0.0818, 0.0323, 0, 0.0076, 0],
  [0.1346, 0.1371, 0.0316, 0.0515, 0.0755, 0, 0.0042, 0],
  [0.0077, 0.0059, 0.0497, 0.135, 0.0067, 0.0003, 0.0453, 0],
  [0.0691, 0.0029, 0.0794, 0.1597, 0.0033, 0, 0.1057, 0],
  [0.1004, 0.0622, 0.0505, 0.0057, 0.0831, 0.3726, 0.0204, 0],
  [0.0548, 0.0269, 0.0257, 0.0022, 0.06, 0.3158, 0.0086, 0],
  [0.0156, 0.0066, 0.0211, 0.0166, 0.0572, 0.0197, 0.0396, 0.2252],
  [0.0364, 0.001, 0.0034, 0.0005, 0.0277, 0.008, 0.0658, 0.1443],
];

const EXTERNAL_INDEGREES = [1600, 1500, 2100, 1900, 2000, 1900, 2900, 2100];
const BACKGROUND_HZ = 8;

/** Mean rates at full scale in NEST's example, spikes/s: what is scaled down is made up for from them. */
export const FULL_SCALE_RATES_HZ = [0.971, 2.868, 4.746, 5.396, 8.142, 9.078, 0.991, 7.523];

const C_M_PF = 250;
const TAU_M_MS = 10;
const TAU_SYN_MS = 0.5;
const PSP_MV = 0.15;
/** Of inhibitory to excitatory weights; of a weight's standard deviation to its mean. */
const INHIBITION = -4;
const WEIGHT_SPREAD = 0.1;
const DELAY_MS = { exc: { mean: 1.5, std: 0.75 }, inh: { mean: 0.75, std: 0.375 } };
const POISSON_DELAY_MS = 1.5;
const DT_MS = 0.1;

/** The current in pA whose response in V_m peaks at `PSP_MV`; NEST's `postsynaptic_potential_to_current`. */
export function pspWeightPa(): number {
  const pre = (TAU_M_MS * TAU_SYN_MS) / C_M_PF / (TAU_SYN_MS - TAU_M_MS);
  const ratio = log(TAU_M_MS / TAU_SYN_MS) / (TAU_SYN_MS - TAU_M_MS);
  return PSP_MV / (pre * (exp(TAU_M_MS * ratio) - exp(TAU_SYN_MS * ratio)));
}

/** Synapses so that a pair is connected with probability p when each synapse draws its pair: ln(1 − p) / ln(1 − 1/(N_s N_t)). */
function fullSynapses(target: number, source: number): number {
  const pairs = SIZES[target] * SIZES[source];
  return log(1 - PROBABILITIES[target][source]) / log((pairs - 1) / pairs);
}

function fullWeightPa(target: number, source: number): number {
  if (source % 2 === 1) return INHIBITION * pspWeightPa();
  // The connection from L4E to L23E is twice as strong.
  return (target === 0 && source === 2 ? 2 : 1) * pspWeightPa();
}

/**
 * The network in the words of the file format. `scale` in (0, 1] is NEST's N_scaling and K_scaling at once: neurons and in-degrees, of the
 * background too, are `scale` times those of the full network, so synapses scale² times; weights are divided by √scale, and a constant
 * current makes up for the mean input that is missing then at the full network's rates. So mean and variance of the input are kept;
 * correlations aren't.
 * @throws InputError SCALE
 */
export function microcircuitInput(scale = 1): GraphInput {
  if (!(scale > 0 && scale <= 1)) {
    throw new InputError('SCALE', `microcircuit: scale ${scale}, must be above 0 and 1 at most`);
  }
  const shrink = Math.sqrt(scale);
  const pairs = POPULATIONS.flatMap((_, target) => POPULATIONS.map((_, source) => [target, source] as const));
  return {
    nil: 1,
    name: 'microcircuit',
    metadata: {
      citation: 'Potjans & Diesmann (2014) Cerebral Cortex 24(3):785-806',
      doi: '10.1093/cercor/bhs358',
      scale: `${scale}`,
    },
    defaults: { dt: `${DT_MS} ms`, duration: '1 s', seed: 1 },
    populations: Object.fromEntries(
      POPULATIONS.map((name, target) => [
        name,
        {
          model: 'iaf_psc_exp',
          size: Math.round(SIZES[target] * scale),
          params: { ...NEURON, ...(scale === 1 ? {} : { I_e: `${missingCurrentPa(target, scale)} pA` }) },
          initial: { V_m: { normal: { mean: '-58 mV', std: '10 mV' } } },
        },
      ]),
    ),
    projections: pairs.flatMap(([target, source]) => {
      const synapses = Math.round(fullSynapses(target, source) * scale * scale);
      if (synapses === 0) return [];
      const weight = fullWeightPa(target, source) / shrink;
      const { mean, std } = source % 2 === 0 ? DELAY_MS.exc : DELAY_MS.inh;
      return [
        {
          source: POPULATIONS[source],
          target: POPULATIONS[target],
          rule: 'fixed_total_number' as const,
          N: synapses,
          weight: {
            normal: {
              mean: `${weight} pA`,
              std: `${Math.abs(weight) * WEIGHT_SPREAD} pA`,
              ...(weight > 0 ? { min: '0 pA' } : { max: '0 pA' }),
            },
          },
          delay: { normal: { mean: `${mean} ms`, std: `${std} ms`, min: `${DT_MS} ms` } },
        },
      ];
    }),
    stimuli: POPULATIONS.map((target, p) => ({
      kind: 'poisson' as const,
      target,
      rate: `${Math.round(EXTERNAL_INDEGREES[p] * scale) * BACKGROUND_HZ} Hz`,
      weight: `${pspWeightPa() / shrink} pA`,
      delay: `${POISSON_DELAY_MS} ms`,
    })),
  };
}

const NEURON = {
  C_m: `${C_M_PF} pF`,
  tau_m: `${TAU_M_MS} ms`,
  tau_syn_ex: `${TAU_SYN_MS} ms`,
  tau_syn_in: `${TAU_SYN_MS} ms`,
  t_ref: '2 ms',
  E_L: '-65 mV',
  V_th: '-50 mV',
  V_reset: '-65 mV',
};

/** NEST's `adjust_weights_and_input_to_synapse_scaling`: the mean current of recurrent and external input × (1 − √scale). */
function missingCurrentPa(target: number, scale: number): number {
  const external = pspWeightPa() * EXTERNAL_INDEGREES[target] * BACKGROUND_HZ;
  const recurrent = POPULATIONS.reduce((sum, _, source) => {
    const indegree = fullSynapses(target, source) / SIZES[target];
    return sum + fullWeightPa(target, source) * indegree * FULL_SCALE_RATES_HZ[source];
  }, 0);
  return 0.001 * TAU_SYN_MS * (1 - Math.sqrt(scale)) * (recurrent + external);
}

/** @throws InputError SCALE */
export function microcircuit(scale = 1): Graph {
  return parseGraph(JSON.stringify(microcircuitInput(scale)), 'microcircuit.json');
}
