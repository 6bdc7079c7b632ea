import { adaptiveExponential, CONDUCTANCES, EXCITATORY, INHIBITORY } from './aeif.js';

export const aeifCondAlpha = adaptiveExponential(
  'Adaptive exponential integrate-and-fire neuron with alpha-shaped synaptic conductances; weights (nS) are the peaks, below 0 inhibitory.',
  'aeif_cond_alpha',
  {
    ex: { kind: 'alpha', reversal: 'E_ex', ...EXCITATORY },
    in: { kind: 'alpha', reversal: 'E_in', ...INHIBITORY },
  },
  CONDUCTANCES,
);
