import type { ModelInput } from '../equations/document.js';

export const srm0: ModelInput = {
  doc: 'Spike response model SRM0 with escape noise: every spike adds an after-potential, every event a post-synaptic potential of two exponentials whose peak is its weight (mV).',
  reference:
    'Gerstner & Kistler 2002, Spiking Neuron Models, ch. 4.2 and 5.3; Jolivet et al. 2006, J Comput Neurosci 21:35-49 (no NEST twin)',
  parameters: {
    tau_m: { default: '10 ms', above: '0 ms', doc: 'decay of post-synaptic potentials' },
    tau_s: { default: '2 ms', above: '0 ms', doc: 'rise of post-synaptic potentials' },
    tau_refr: { default: '10 ms', above: '0 ms', doc: 'decay of the after-potential' },
    eta_0: { default: '-15 mV', doc: 'after-potential of a spike' },
    R_m: { default: '40 MOhm', min: '0 MOhm', doc: 'membrane resistance' },
    I_e: { default: '0 pA', doc: 'constant input current' },
    theta: { default: '15 mV', doc: 'threshold, above rest' },
    Delta_u: { default: '2 mV', above: '0 mV', doc: 'width of the threshold' },
    rho_0: { default: '100 Hz', min: '0 Hz', doc: 'rate at threshold' },
    t_ref: { default: '2 ms', min: '0 ms', doc: 'no spike for so long after one, rounded up to dt' },
  },
  state: {
    h: { initial: '0 mV', doc: 'response to currents' },
    eta: { initial: '0 mV', doc: 'after-potential' },
    V_m: { initial: '0 mV', unit: 'mV', doc: 'membrane potential, 0 at rest' },
  },
  ports: {
    spikes: {
      kind: 'beta',
      tau_rise: 'tau_s',
      tau_decay: 'tau_m',
      unit: 'mV',
      variable: 'psp',
      doc: 'post-synaptic potentials',
    },
  },
  equations: `
    dh/dt = (-h + R_m * (I_e + I_stim)) / tau_m : mV
    deta/dt = -eta / tau_refr : mV`,
  each_step: 'V_m = h + psp + eta',
  threshold: 'uniform < 1 - exp(-rho_0 * exp((V_m - theta) / Delta_u) * dt)',
  reset: 'eta += eta_0; V_m += eta_0',
  refractory: 't_ref',
  method: 'exact',
};
