import { conductanceBased } from './iaf_cond.js';

export const iafCondExp = conductanceBased(
  'Leaky integrate-and-fire neuron with exponential synaptic conductances; weights (nS) below 0 are inhibitory.',
  'iaf_cond_exp',
  'exponential',
);
