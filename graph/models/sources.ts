import type { ModelSpec } from '../model.js';

const SOURCE = {
  emits: 'spike',
  state: {},
  ports: [],
  constants: [],
  propagators: () => ({}),
  update: 'spike = 0 > 1;',
} as const;

const SINE = {
  rate: { unit: 'Hz', default: 0, min: 0, doc: 'mean rate of each neuron' },
  amplitude: { unit: 'Hz', default: 0, min: 0, doc: 'by which the rate goes up and down' },
  frequency: { unit: 'Hz', default: 0, min: 0, doc: 'of the oscillation' },
  phase: { unit: '1', default: 0, doc: 'of the oscillation at time 0, in degrees' },
} as const;

export const spikeSource: ModelSpec = {
  ...SOURCE,
  name: 'spike_source',
  doc: 'Emits the events of a `spikes` stimulus or of an input file, graded where they have values.',
  reference: 'NEST spike_generator, PyNN SpikeSourceArray, NIR Input',
  source: 'spikes',
  parameters: {},
};

export const sinusoidalPoissonGenerator: ModelSpec = {
  ...SOURCE,
  name: 'sinusoidal_poisson_generator',
  doc: 'Independent Poisson trains of rate r(t) = max(0, rate + amplitude sin(2π frequency t + phase)): a spike stamped t with probability 1 − exp(−r(t) dt), at most one a step.',
  reference: 'NEST sinusoidal_poisson_generator (individual_spike_trains) with parrot_neuron',
  source: 'sinusoidal_poisson',
  parameters: SINE,
};

export const sinusoidalGammaGenerator: ModelSpec = {
  ...SOURCE,
  name: 'sinusoidal_gamma_generator',
  doc: 'Independent gamma trains of rate rate + amplitude sin(2π frequency t + phase), a gamma process where amplitude is 0: intervals of operational time are gamma distributed, drawn exactly (Marsaglia & Tsang 2000). At most one spike a step.',
  reference:
    'NEST sinusoidal_gamma_generator (individual_spike_trains) with parrot_neuron; Barbieri, Quirk, Frank, Wilson & Brown 2001, J Neurosci Methods 105:25-37',
  source: 'sinusoidal_gamma',
  parameters: {
    ...SINE,
    order: { unit: '1', default: 1, min: 1, doc: 'of the gamma process: CV² of intervals is 1 / order' },
  },
  state: {
    Lambda: { unit: '1', initial: 0, doc: 'order times the integral of the rate since the last spike' },
    Lambda_spike: { unit: '1', initial: 0, doc: 'Lambda at which the next spike comes (0: not drawn yet)' },
  },
  check: ({ rate, amplitude }) =>
    amplitude <= rate ? undefined : `found amplitude ${amplitude} Hz, expected at most rate, ${rate} Hz`,
};

export const poissonSource: ModelSpec = {
  ...SOURCE,
  name: 'poisson_source',
  doc: 'Each neuron emits at most one spike a step, with probability 1 − exp(−rate · dt), independently.',
  reference: 'PyNN SpikeSourcePoisson; NEST parrot_neuron behind poisson_generator',
  source: 'poisson',
  parameters: { rate: { unit: 'Hz', default: 0, min: 0, doc: 'mean rate of each neuron' } },
};
