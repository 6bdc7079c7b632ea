import type { ParameterSpec, PortSpec } from '../../model.js';

/** What an input of NIR's is: the step's sum of weighted events, held over the step. */
export const INPUT: readonly PortSpec[] = [
  { name: 'input', unit: '1', doc: 'weighted events of the step; an event without payload counts 1' },
];

export const BIAS: ParameterSpec = {
  unit: '1',
  default: 0,
  doc: 'constant input in every step (the biases of the linear nodes before it)',
};

export const R: ParameterSpec = { unit: '1', default: 1, doc: 'resistance' };
export const V_LEAK: ParameterSpec = { unit: '1', default: 0, doc: 'leak potential' };
export const V_THRESHOLD: ParameterSpec = {
  unit: '1',
  default: 1,
  doc: 'spikes when v is above it; equal is no spike',
};
export const V_RESET: ParameterSpec = { unit: '1', default: 0, doc: 'potential after a spike, with reset 0' };
export const W_IN: ParameterSpec = { unit: '1', default: 1, doc: 'weight of the input current' };

export const tau = (doc: string): ParameterSpec => ({ unit: 's', min: 0, exclusive: true, doc });

/** Values of the parameter `reset`. */
export const RESET = { v_reset: 0, subtract: 1, zero: 2, subtract_snntorch: 3 } as const;
export type ResetMode = keyof typeof RESET;

export const RESET_PARAMETER: ParameterSpec = {
  unit: '1',
  default: RESET.v_reset,
  min: 0,
  max: 3,
  doc: 'what a spike does to v: 0 sets it to v_reset (NIR), 1 subtracts v_threshold, 2 sets it to 0, 3 subtracts as snnTorch does',
};

/** Values of the parameter `per_step` of I and IF. */
export const INTEGRATORS = { held: 0, per_step: 1 } as const;
export type Integrators = keyof typeof INTEGRATORS;

/** Values of the parameter `discretisation`. */
export const DISCRETISATION = { exact: 0, forward_euler: 1, exact_grid: 2 } as const;
export type Discretisation = keyof typeof DISCRETISATION;

export const DISCRETISATION_PARAMETER: ParameterSpec = {
  unit: '1',
  default: DISCRETISATION.exact,
  min: 0,
  max: 2,
  doc: '0 exact for input held over the step; 1 forward Euler, the synapse before the membrane (snnTorch, Norse); 2 exact between steps, spikes and resets at their end',
};

/**
 * The start and the end of a spiking model's update. Reset 3 is 1 with what snnTorch's `reset_delay=False` adds to it: a v that is still
 * above v_threshold after its reset is compared with twice v_threshold in the next step.
 */
export const BEFORE = 'over = reset == 3 && v > v_threshold;';
export const SPIKE = 'spike = (over ? v - v_threshold : v) > v_threshold;';
export const RESET_AT_END = 'v = reset == 0 ? v_reset : (reset == 2 ? 0 : v - v_threshold);';
export const FIRE = `
    ${SPIKE}
    if (spike) {
      ${RESET_AT_END}
    }
`;

/** Parameters that choose between cases have to be one of them. */
export function wholeChoices(p: Readonly<Record<string, number>>): string | undefined {
  for (const name of ['reset', 'discretisation', 'per_step']) {
    if (p[name] !== undefined && !Number.isInteger(p[name]))
      return `${name} is ${p[name]}, expected a whole number`;
  }
  if (p.reset === RESET.subtract_snntorch && p.discretisation === DISCRETISATION.exact) {
    return 'reset 3 (as snnTorch) has no meaning with discretisation 0 (exact), expected discretisation 1';
  }
  return undefined;
}

export const REFERENCE = 'NIR: Pedersen et al. 2024, Nat Commun 15:8122; nir 1.0.8';
