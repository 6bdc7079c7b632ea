import type { DeterministicMath, ModelSpec } from '../../model.js';
import {
  BEFORE,
  BIAS,
  DISCRETISATION_PARAMETER,
  FIRE,
  INPUT,
  R,
  REFERENCE,
  RESET_PARAMETER,
  tau,
  V_LEAK,
  V_RESET,
  V_THRESHOLD,
  W_IN,
  wholeChoices,
} from './common.js';

const CUBA = {
  tau_syn: tau('synaptic time constant'),
  tau_mem: tau('membrane time constant'),
  r: R,
  v_leak: V_LEAK,
  w_in: W_IN,
  bias: BIAS,
  discretisation: DISCRETISATION_PARAMETER,
} as const;

const STATE = {
  i: { unit: '1', initial: 0, doc: 'synaptic current' },
  v: { unit: '1', initial: 0, doc: 'membrane potential' },
} as const;

/**
 * With drive u = w_in x, constant over the step:
 *   i(t + dt) = u + decay_syn (i − u)
 *   v(t + dt) = v_leak + decay (v − v_leak) + r (held u + carried (i − u))
 * Exact: decay_syn = exp(−dt/tau_syn) = b, decay = exp(−dt/tau_mem) = a, held = 1 − a and
 * carried = (tau_syn / (tau_syn − tau_mem)) (b − a) = a (dt/tau_mem) expm1(z)/z with z = dt/tau_mem − dt/tau_syn, which also holds at
 * tau_syn = tau_mem (z = 0). When v meets the threshold within a step has no closed form: spikes and resets are at the step's end. Forward Euler, synapse first and the membrane from the new current: decay_syn = 1 − dt/tau_syn,
 * decay = 1 − dt/tau_mem, held = dt/tau_mem, carried = (dt/tau_mem) (1 − dt/tau_syn).
 */
function propagators(
  p: Readonly<Record<string, number>>,
  dtMs: number,
  math: DeterministicMath,
): Readonly<Record<string, number>> {
  const hSyn = dtMs / (p.tau_syn * 1000);
  const hMem = dtMs / (p.tau_mem * 1000);
  if (p.discretisation === 1) {
    return { decay_syn: 1 - hSyn, decay: 1 - hMem, held: p.r * hMem, carried: p.r * hMem * (1 - hSyn) };
  }
  const decay = math.exp(-hMem);
  const z = hMem - hSyn;
  return {
    decay_syn: math.exp(-hSyn),
    decay,
    held: -p.r * math.expm1(-hMem),
    carried: p.r * decay * hMem * (z === 0 ? 1 : math.expm1(z) / z),
  };
}

const CONSTANTS = ['decay_syn', 'decay', 'held', 'carried'] as const;

const DYNAMICS = `
    drive = w_in * (in_input + current + bias);
    rest = i - drive;
    v = v_leak + decay * (v - v_leak) + (held * drive + carried * rest);
    i = drive + decay_syn * rest;
`;

/** tau_syn di/dt = −i + w_in S, tau_mem dv/dt = (v_leak − v) + r i. */
export const nirCubaLi: ModelSpec = {
  name: 'nir_cuba_li',
  doc: 'Current-based leaky integrator; puts out v as a continuous value.',
  reference: `${REFERENCE}, primitive CubaLI`,
  emits: 'signal',
  parameters: CUBA,
  state: STATE,
  ports: INPUT,
  constants: CONSTANTS,
  propagators,
  check: wholeChoices,
  update: `
    ${DYNAMICS}
    output = v;
  `,
};

/** tau_syn di/dt = −i + w_in S, tau_mem dv/dt = (v_leak − v) + r i; a spike when v > v_threshold. */
export const nirCubaLif: ModelSpec = {
  name: 'nir_cuba_lif',
  doc: 'Current-based leaky integrate-and-fire neuron.',
  reference: `${REFERENCE}, primitive CubaLIF`,
  emits: 'spike',
  parameters: { ...CUBA, v_threshold: V_THRESHOLD, v_reset: V_RESET, reset: RESET_PARAMETER },
  state: STATE,
  ports: INPUT,
  constants: CONSTANTS,
  propagators,
  check: wholeChoices,
  update: `
    ${BEFORE}
    ${DYNAMICS}
    ${FIRE}
  `,
};
