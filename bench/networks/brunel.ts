/**
 * The balanced random network of Brunel (2000) Journal of Computational Neuroscience 8:183–208, doi 10.1023/A:1008925309027, with the
 * parameters of NEST's example brunel_delta_nest: asynchronous irregular activity.
 */
import { type Graph, type GraphInput, InputError, parseGraph } from '../../graph/index.js';

/** Neurons at scale 1, of which four fifths are excitatory. */
const EXCITATORY = 10_000;
const INHIBITORY = 2500;
/** A tenth of each population, at scale 1 and above. */
const CONNECTED = 0.1;
const WEIGHT_MV = 0.1;
/** Of inhibitory to excitatory weights. */
const INHIBITION = -5;
const DELAY_MS = 1.5;
const TAU_M_MS = 20;
const V_TH_MV = 20;
/** External rate in units of the rate that by itself just reaches threshold. */
const ETA = 2;

/**
 * `scale` multiplies neurons. In-degrees stay at 1000 + 250 above scale 1, so the activity stays the same and synapses grow with the
 * neurons; below it they are a tenth of the population, as in NEST's example with a smaller `order`.
 * @throws InputError SCALE
 */
export function brunelInput(scale = 1): GraphInput {
  const sizes = { exc: Math.round(EXCITATORY * scale), inh: Math.round(INHIBITORY * scale) };
  if (!(sizes.inh >= 10)) {
    throw new InputError('SCALE', `brunel: scale ${scale}, must be 0.004 or more (10 inhibitory neurons)`);
  }
  const indegree = {
    exc: Math.round(Math.min(EXCITATORY, sizes.exc) * CONNECTED),
    inh: Math.round(Math.min(INHIBITORY, sizes.inh) * CONNECTED),
  };
  const kinds = ['exc', 'inh'] as const;
  const delay = `${DELAY_MS} ms`;
  const params = {
    C_m: '1 pF',
    tau_m: `${TAU_M_MS} ms`,
    t_ref: '2 ms',
    E_L: '0 mV',
    V_reset: '0 mV',
    V_th: `${V_TH_MV} mV`,
  };
  return {
    nil: 1,
    name: 'brunel',
    metadata: {
      citation: 'Brunel (2000) Journal of Computational Neuroscience 8:183-208',
      doi: '10.1023/A:1008925309027',
      scale: `${scale}`,
    },
    defaults: { dt: '0.1 ms', duration: '1 s', seed: 1 },
    populations: Object.fromEntries(
      kinds.map((name) => [name, { model: 'iaf_psc_delta', size: sizes[name], params }]),
    ),
    projections: kinds.flatMap((source) =>
      kinds.map((target) => ({
        source,
        target,
        rule: 'fixed_indegree' as const,
        indegree: indegree[source],
        weight: `${source === 'exc' ? WEIGHT_MV : INHIBITION * WEIGHT_MV} mV`,
        delay,
      })),
    ),
    stimuli: kinds.map((target) => ({
      kind: 'poisson' as const,
      target,
      rate: `${(1000 * ETA * V_TH_MV) / (WEIGHT_MV * TAU_M_MS)} Hz`,
      weight: `${WEIGHT_MV} mV`,
      delay,
    })),
  };
}

/** @throws InputError SCALE */
export function brunel(scale = 1): Graph {
  return parseGraph(JSON.stringify(brunelInput(scale)), 'brunel.json');
}
