import { conductanceBased } from './iaf_cond.js';

export const iafCondAlpha = conductanceBased(
  'Leaky integrate-and-fire neuron with alpha-shaped synaptic conductances; weights (nS) are the peaks, below 0 inhibitory.',
  'iaf_cond_alpha',
  'alpha',
);
