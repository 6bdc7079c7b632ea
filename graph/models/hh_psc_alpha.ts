import type { ModelInput } from '../equations/document.js';
import { restingGates } from './hodgkin_huxley.js';

/** In 1/ms, of V in mV. */
const RATES = {
  n: ['0.01 * (V + 55) / (1 - exp(-(V + 55) / 10))', '0.125 * exp(-(V + 65) / 80)'],
  m: ['0.1 * (V + 40) / (1 - exp(-(V + 40) / 10))', '4 * exp(-(V + 65) / 18)'],
  h: ['0.07 * exp(-(V + 65) / 20)', '1 / (1 + exp(-(V + 35) / 10))'],
} as const;

const rest = restingGates(RATES, -65);

export const hhPscAlpha: ModelInput = {
  doc: 'Hodgkin–Huxley neuron with alpha-shaped synaptic currents; weights (pA) are the peaks, below 0 inhibitory. It spikes where V_m begins to fall, above 0 mV.',
  reference: 'NEST hh_psc_alpha; Hodgkin & Huxley 1952, J Physiol 117:500-544',
  parameters: {
    E_L: { default: '-54.402 mV', doc: 'leak reversal potential' },
    C_m: { default: '100 pF', above: '0 pF', doc: 'membrane capacitance' },
    g_Na: { default: '12000 nS', min: '0 nS', doc: 'sodium peak conductance' },
    g_K: { default: '3600 nS', min: '0 nS', doc: 'potassium peak conductance' },
    g_L: { default: '30 nS', min: '0 nS', doc: 'leak conductance' },
    E_Na: { default: '50 mV', doc: 'sodium reversal potential' },
    E_K: { default: '-77 mV', doc: 'potassium reversal potential' },
    t_ref: {
      default: '2 ms',
      min: '0 ms',
      doc: 'after a spike none is looked for so long, rounded up to dt',
    },
    tau_syn_ex: { default: '0.2 ms', above: '0 ms', doc: 'time constant of excitatory currents' },
    tau_syn_in: { default: '2 ms', above: '0 ms', doc: 'time constant of inhibitory currents' },
    I_e: { default: '0 pA', doc: 'constant input current' },
  },
  state: {
    V_m: { initial: '-65 mV', doc: 'membrane potential' },
    Act_m: { initial: String(rest.m), doc: 'activation of sodium' },
    Inact_h: { initial: String(rest.h), doc: 'inactivation of sodium' },
    Act_n: { initial: String(rest.n), doc: 'activation of potassium' },
  },
  ports: {
    ex: { kind: 'alpha', tau: 'tau_syn_ex', variable: 'I_syn_ex', doc: 'excitatory' },
    in: { kind: 'alpha', tau: 'tau_syn_in', variable: 'I_syn_in', doc: 'inhibitory (negative weights)' },
  },
  port_by_sign: true,
  equations: `
    V = V_m / 1 mV : 1
    alpha_n = ${RATES.n[0]} : 1
    beta_n = ${RATES.n[1]} : 1
    alpha_m = ${RATES.m[0]} : 1
    beta_m = ${RATES.m[1]} : 1
    alpha_h = ${RATES.h[0]} : 1
    beta_h = ${RATES.h[1]} : 1
    I_Na = g_Na * Act_m * Act_m * Act_m * Inact_h * (V_m - E_Na) : pA
    I_K = g_K * Act_n * Act_n * Act_n * Act_n * (V_m - E_K) : pA
    I_L = g_L * (V_m - E_L) : pA
    dV_m/dt = (-(I_Na + I_K + I_L) + I_stim + I_e + I_syn_ex + I_syn_in) / C_m : mV
    dAct_m/dt = (alpha_m * (1 - Act_m) - beta_m * Act_m) / 1 ms : 1
    dInact_h/dt = (alpha_h * (1 - Inact_h) - beta_h * Inact_h) / 1 ms : 1
    dAct_n/dt = (alpha_n * (1 - Act_n) - beta_n * Act_n) / 1 ms : 1`,
  threshold: 'V_m >= 0 mV and before(V_m) > V_m',
  refractory: 't_ref',
  method: 'rkf45',
  tolerance: '1e-3',
};
