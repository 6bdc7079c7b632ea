import type { ModelSpec } from '../model.js';

export const parrotNeuron: ModelSpec = {
  name: 'parrot_neuron',
  doc: 'Emits a spike in the step in which events reach it: one, however many they are, where their weights sum to more than 0.',
  reference: 'NEST parrot_neuron, with weights of 1 and at most one event a step',
  emits: 'spike',
  parameters: {},
  state: {},
  ports: [{ name: 'spikes', unit: '1', doc: 'events to repeat' }],
  constants: [],
  propagators: () => ({}),
  update: 'spike = in_spikes > 0;',
};
