import type { DeterministicMath, ModelSpec } from '../../model.js';
import {
  BEFORE,
  BIAS,
  DISCRETISATION_PARAMETER,
  INPUT,
  R,
  REFERENCE,
  RESET_AT_END,
  RESET_PARAMETER,
  SPIKE,
  tau,
  V_LEAK,
  V_RESET,
  V_THRESHOLD,
  wholeChoices,
} from './common.js';

const LEAK = {
  tau: tau('membrane time constant'),
  r: R,
  v_leak: V_LEAK,
  bias: BIAS,
  discretisation: DISCRETISATION_PARAMETER,
} as const;

/**
 * v(t + dt) = v_leak + decay (v − v_leak) + gain x. Exact: decay = exp(−dt/tau), gain = r (1 − decay).
 * Forward Euler: decay = 1 − dt/tau, gain = r dt/tau.
 */
function propagators(
  p: Readonly<Record<string, number>>,
  dtMs: number,
  math: DeterministicMath,
): Readonly<Record<string, number>> {
  const h = dtMs / (p.tau * 1000);
  if (p.discretisation === 1) return { decay: 1 - h, gain: p.r * h };
  return { decay: math.exp(-h), gain: -p.r * math.expm1(-h) };
}

const MEMBRANE = `
    x = in_input + current + bias;
    v = v_leak + decay * (v - v_leak) + gain * x;
`;

/**
 * With input held over the step v runs towards `limit` and meets v_threshold when exp(−t/tau) = met. The reset happens then, and what is left
 * of the step, exp(−(dt − t)/tau) = decay / met, goes on from there. A v above v_threshold from the start is reset at the start.
 */
const EXACT_RESET = `
      limit = v_leak + r * x;
      met = start > v_threshold ? 1 : (v_threshold - limit) / (start - limit);
      v = limit + ((reset == 0 ? v_reset : 0) - limit) * (decay / met);
`;

/** tau dv/dt = (v_leak − v) + r I. */
export const nirLi: ModelSpec = {
  name: 'nir_li',
  doc: 'Leaky integrator; puts out v as a continuous value.',
  reference: `${REFERENCE}, primitive LI`,
  emits: 'signal',
  parameters: LEAK,
  state: { v: { unit: '1', initial: 0, doc: 'membrane potential' } },
  ports: INPUT,
  constants: ['decay', 'gain'],
  propagators,
  check: wholeChoices,
  update: `
    ${MEMBRANE}
    output = v;
  `,
};

/** tau dv/dt = (v_leak − v) + r I; a spike when v > v_threshold. */
export const nirLif: ModelSpec = {
  name: 'nir_lif',
  doc: 'Leaky integrate-and-fire neuron.',
  reference: `${REFERENCE}, primitive LIF`,
  emits: 'spike',
  parameters: { ...LEAK, v_threshold: V_THRESHOLD, v_reset: V_RESET, reset: RESET_PARAMETER },
  state: { v: { unit: '1', initial: 0, doc: 'membrane potential' } },
  ports: INPUT,
  constants: ['decay', 'gain'],
  propagators,
  check: wholeChoices,
  update: `
    ${BEFORE}
    start = v;
    ${MEMBRANE}
    ${SPIKE}
    if (spike && discretisation == 0) {
      ${EXACT_RESET}
    } else {
      if (spike) {
        ${RESET_AT_END}
      }
    }
  `,
};
