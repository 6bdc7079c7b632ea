import type { ModelSpec } from '../model.js';

const SOURCE = {
  emits: 'spike',
  state: {},
  ports: [],
  constants: [],
  propagators: () => ({}),
  update: 'spike = 0 > 1;',
} as const;

export const spikeSource: ModelSpec = {
  ...SOURCE,
  name: 'spike_source',
  doc: 'Emits the events of a `spikes` stimulus or of an input file, graded where they have values.',
  reference: 'NEST spike_generator, PyNN SpikeSourceArray, NIR Input',
  source: 'spikes',
  parameters: {},
};

export const poissonSource: ModelSpec = {
  ...SOURCE,
  name: 'poisson_source',
  doc: 'Each neuron emits at most one spike a step, with probability 1 − exp(−rate · dt), independently.',
  reference: 'PyNN SpikeSourcePoisson; NEST parrot_neuron behind poisson_generator',
  source: 'poisson',
  parameters: { rate: { unit: 'Hz', default: 0, min: 0, doc: 'mean rate of each neuron' } },
};
