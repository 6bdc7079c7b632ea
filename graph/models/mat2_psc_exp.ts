import type { ModelInput } from '../equations/document.js';

export const mat2PscExp: ModelInput = {
  doc: 'Leaky integrator with a threshold of two time scales that adapts (MAT2), without a reset; exponential synaptic currents, weights (pA) below 0 are inhibitory.',
  reference: 'NEST mat2_psc_exp; Kobayashi, Tsubo & Shinomoto 2009, Front Comput Neurosci 3:9',
  parameters: {
    E_L: { default: '-70 mV', doc: 'resting potential' },
    C_m: { default: '100 pF', above: '0 pF', doc: 'membrane capacitance' },
    tau_m: { default: '5 ms', above: '0 ms', doc: 'membrane time constant' },
    t_ref: { default: '2 ms', above: '0 ms', doc: 'no spike for so long after one, rounded up to dt' },
    tau_syn_ex: { default: '1 ms', above: '0 ms', doc: 'time constant of excitatory currents' },
    tau_syn_in: { default: '3 ms', above: '0 ms', doc: 'time constant of inhibitory currents' },
    I_e: { default: '0 pA', doc: 'constant input current' },
    tau_1: { default: '10 ms', above: '0 ms', doc: 'short time constant of the threshold' },
    tau_2: { default: '200 ms', above: '0 ms', doc: 'long time constant of the threshold' },
    alpha_1: { default: '37 mV', doc: 'what a spike adds to the fast part of the threshold' },
    alpha_2: { default: '2 mV', doc: 'what a spike adds to the slow part of the threshold' },
    omega: { default: '-51 mV', doc: 'resting threshold' },
  },
  state: {
    V_m: { initial: 'E_L', doc: 'membrane potential' },
    V_th_1: { initial: '0 mV', doc: 'fast part of the threshold' },
    V_th_2: { initial: '0 mV', doc: 'slow part of the threshold' },
  },
  ports: {
    ex: { kind: 'exponential', tau: 'tau_syn_ex', variable: 'I_syn_ex', doc: 'excitatory' },
    in: {
      kind: 'exponential',
      tau: 'tau_syn_in',
      variable: 'I_syn_in',
      doc: 'inhibitory (negative weights)',
    },
  },
  port_by_sign: true,
  equations: `
    dV_m/dt = -(V_m - E_L) / tau_m + (I_syn + I_e + I_stim) / C_m : mV
    dV_th_1/dt = -V_th_1 / tau_1 : mV
    dV_th_2/dt = -V_th_2 / tau_2 : mV`,
  threshold: 'V_m >= omega + V_th_2 + V_th_1',
  reset: 'V_th_1 += alpha_1; V_th_2 += alpha_2',
  refractory: 't_ref',
  method: 'exact',
};
