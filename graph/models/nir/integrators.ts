import type { DeterministicMath, ModelSpec, ParameterSpec } from '../../model.js';
import {
  BEFORE,
  BIAS,
  INPUT,
  R,
  REFERENCE,
  RESET_PARAMETER,
  SPIKE,
  V_RESET,
  V_THRESHOLD,
  wholeChoices,
} from './common.js';

const PER_STEP: ParameterSpec = {
  unit: '1',
  default: 1,
  min: 0,
  max: 1,
  doc: '1: the input x of a step is a charge, v grows by r x; 0: a current held over the step, v grows by r x dt (dt in s)',
};

const V_MIN: ParameterSpec = {
  unit: '1',
  default: Number.NEGATIVE_INFINITY,
  doc: 'v is never left below it at the end of a step',
};

const gain = (
  p: Readonly<Record<string, number>>,
  dtMs: number,
  _math: DeterministicMath,
): Readonly<Record<string, number>> => ({ gain: p.per_step === 1 ? p.r : (p.r * dtMs) / 1000 });

/** dv/dt = r I. */
export const nirI: ModelSpec = {
  name: 'nir_i',
  doc: 'Integrator without leak; puts out v as a continuous value.',
  reference: `${REFERENCE}, primitive I`,
  emits: 'signal',
  parameters: { r: R, bias: BIAS, per_step: PER_STEP },
  state: { v: { unit: '1', initial: 0, doc: 'integral' } },
  ports: INPUT,
  constants: ['gain'],
  propagators: gain,
  check: wholeChoices,
  update: `
    v = v + gain * (in_input + current + bias);
    output = v;
  `,
};

/** dv/dt = r I; a spike when v > v_threshold. */
export const nirIf: ModelSpec = {
  name: 'nir_if',
  doc: 'Integrate-and-fire neuron without leak.',
  reference: `${REFERENCE}, primitive IF`,
  emits: 'spike',
  parameters: {
    r: R,
    v_threshold: V_THRESHOLD,
    v_reset: V_RESET,
    v_min: V_MIN,
    bias: BIAS,
    reset: RESET_PARAMETER,
    per_step: PER_STEP,
  },
  state: { v: { unit: '1', initial: 0, doc: 'membrane potential' } },
  ports: INPUT,
  constants: ['gain'],
  propagators: gain,
  check: wholeChoices,
  update: `
    ${BEFORE}
    v = v + gain * (in_input + current + bias);
    ${SPIKE}
    if (spike) {
      // A held current goes on after the reset for what is left of the step.
      rest = per_step == 1 ? 0 : v - v_threshold;
      v = per_step == 1 && (reset == 1 || reset == 3) ? v - v_threshold : (reset == 0 ? v_reset : 0) + rest;
    }
    v = max(v, v_min);
  `,
};
