import type { ModelInput } from '../equations/document.js';

export const galvesLocherbach: ModelInput = {
  doc: 'Stochastic leaky neuron in discrete time: it spikes with probability phi(V_m) in a step, and begins anew at V_reset; an event of weight w moves V_m by w (mV).',
  reference:
    'Galves & Löcherbach 2013, J Stat Phys 151:896-921; phi as in Brochini et al. 2016, Sci Rep 6:35831 (no NEST twin)',
  parameters: {
    mu: { default: 0.5, min: 0, max: 1, doc: 'what is left of V_m after a step' },
    gamma: { default: '0.05 1/mV', min: '0 1/mV', doc: 'gain of phi' },
    r: { default: 1, above: 0, doc: 'exponent of phi' },
    V_T: { default: '0 mV', doc: 'potential above which it may spike' },
    V_reset: { default: '0 mV', doc: 'potential after a spike' },
    I_e: { default: '0 mV', doc: 'constant input of a step' },
  },
  state: { V_m: { initial: '0 mV', doc: 'membrane potential' } },
  current: 'mV',
  ports: { spikes: { kind: 'delta', into: 'V_m', doc: 'jumps of V_m' } },
  equations: `
    drive = gamma * max(V_m - V_T, 0 mV) : 1
    phi = drive > 0 ? min(pow(drive, r), 1) : 0 : 1`,
  each_step: 'V_m = V_m - (1 - mu) * before(V_m) + I_e + I_stim',
  threshold: 'uniform < phi',
  reset: 'V_m = V_reset',
};
