import { adaptiveExponential, CONDUCTANCES, EXCITATORY, INHIBITORY } from './aeif.js';

export const aeifCondExp = adaptiveExponential(
  'Adaptive exponential integrate-and-fire neuron with exponential synaptic conductances; weights (nS) below 0 are inhibitory.',
  'aeif_cond_exp',
  {
    ex: { kind: 'exponential', reversal: 'E_ex', ...EXCITATORY },
    in: { kind: 'exponential', reversal: 'E_in', ...INHIBITORY },
  },
  CONDUCTANCES,
);
