import { adaptiveExponential, EXCITATORY, INHIBITORY } from './aeif.js';

export const aeifPscExp = adaptiveExponential(
  'Adaptive exponential integrate-and-fire neuron with exponential synaptic currents; weights (pA) below 0 are inhibitory.',
  'aeif_psc_exp',
  {
    ex: { kind: 'exponential', variable: 'I_syn_ex', ...EXCITATORY },
    in: { kind: 'exponential', variable: 'I_syn_in', ...INHIBITORY },
  },
  '+ I_syn_ex - I_syn_in',
);
