import type { ModelSpec } from '../../model.js';
import { BIAS, INPUT, REFERENCE } from './common.js';

/** z = 1 where the step's input is above the threshold. */
export const nirThreshold: ModelSpec = {
  name: 'nir_threshold',
  doc: 'Heaviside step: spikes in every step whose input is above the threshold; keeps nothing from one step to the next.',
  reference: `${REFERENCE}, primitive Threshold`,
  emits: 'spike',
  parameters: {
    threshold: { unit: '1', default: 1, doc: 'spikes when the input is above it; equal is no spike' },
    bias: BIAS,
  },
  state: { x: { unit: '1', initial: 0, doc: 'input of the step' } },
  ports: INPUT,
  constants: [],
  propagators: () => ({}),
  update: `
    x = in_input + current + bias;
    spike = x > threshold;
  `,
};

/** Where a NIR Output is fed by anything other than the spikes of one population: its value can be recorded. */
export const nirOutput: ModelSpec = {
  name: 'nir_output',
  doc: 'Sum of what arrives in a step; emits nothing, its value is there to be recorded.',
  reference: `${REFERENCE}, primitive Output`,
  emits: 'none',
  parameters: { bias: BIAS },
  state: { value: { unit: '1', initial: 0, doc: 'sum of the step' } },
  ports: INPUT,
  constants: [],
  propagators: () => ({}),
  update: 'value = in_input + current + bias;',
};
