import type { ModelInput } from '../equations/document.js';
import { restingGates } from './hodgkin_huxley.js';

/** In 1/ms, of V in mV: the potential above V_T. */
const RATES = {
  n: ['0.032 * (15 - V) / (exp((15 - V) / 5) - 1)', '0.5 * exp((10 - V) / 40)'],
  m: ['0.32 * (13 - V) / (exp((13 - V) / 4) - 1)', '0.28 * (V - 40) / (exp((V - 40) / 5) - 1)'],
  h: ['0.128 * exp((17 - V) / 18)', '4 / (1 + exp((40 - V) / 5))'],
} as const;

/** NEST has the gates begin where they rest at E_L, taken for V. */
const rest = restingGates(RATES, -60);

export const hhCondExpTraub: ModelInput = {
  doc: 'Hodgkin–Huxley neuron after Traub, with exponential synaptic conductances; weights (nS) below 0 are inhibitory. It spikes where V_m begins to fall, above V_T + 30 mV.',
  reference:
    'NEST hh_cond_exp_traub; Brette et al. 2007, J Comput Neurosci 23:349-398; Traub & Miles 1991, Neuronal Networks of the Hippocampus',
  parameters: {
    g_Na: { default: '20000 nS', min: '0 nS', doc: 'sodium peak conductance' },
    g_K: { default: '6000 nS', min: '0 nS', doc: 'potassium peak conductance' },
    g_L: { default: '10 nS', min: '0 nS', doc: 'leak conductance' },
    C_m: { default: '200 pF', above: '0 pF', doc: 'membrane capacitance' },
    E_Na: { default: '50 mV', doc: 'sodium reversal potential' },
    E_K: { default: '-90 mV', doc: 'potassium reversal potential' },
    E_L: { default: '-60 mV', doc: 'leak reversal potential' },
    V_T: { default: '-63 mV', doc: 'potential that shifts the threshold: about 13 mV above it' },
    E_ex: { default: '0 mV', doc: 'excitatory reversal potential' },
    E_in: { default: '-80 mV', doc: 'inhibitory reversal potential' },
    tau_syn_ex: { default: '5 ms', above: '0 ms', doc: 'time constant of excitatory conductances' },
    tau_syn_in: { default: '10 ms', above: '0 ms', doc: 'time constant of inhibitory conductances' },
    t_ref: {
      default: '2 ms',
      min: '0 ms',
      doc: 'after a spike none is looked for so long, rounded up to dt',
    },
    I_e: { default: '0 pA', doc: 'constant input current' },
  },
  state: {
    V_m: { initial: 'E_L', doc: 'membrane potential' },
    Act_m: { initial: String(rest.m), doc: 'activation of sodium' },
    Inact_h: { initial: String(rest.h), doc: 'inactivation of sodium' },
    Act_n: { initial: String(rest.n), doc: 'activation of potassium' },
  },
  ports: {
    ex: { kind: 'exponential', tau: 'tau_syn_ex', reversal: 'E_ex', doc: 'excitatory' },
    in: {
      kind: 'exponential',
      tau: 'tau_syn_in',
      reversal: 'E_in',
      negative: true,
      doc: 'inhibitory (negative weights)',
    },
  },
  port_by_sign: true,
  equations: `
    I_Na = g_Na * Act_m * Act_m * Act_m * Inact_h * (V_m - E_Na) : pA
    I_K = g_K * Act_n * Act_n * Act_n * Act_n * (V_m - E_K) : pA
    I_L = g_L * (V_m - E_L) : pA
    V = (V_m - V_T) / 1 mV : 1
    alpha_n = ${RATES.n[0]} : 1
    beta_n = ${RATES.n[1]} : 1
    alpha_m = ${RATES.m[0]} : 1
    beta_m = ${RATES.m[1]} : 1
    alpha_h = ${RATES.h[0]} : 1
    beta_h = ${RATES.h[1]} : 1
    dV_m/dt = (-I_Na - I_K - I_L + I_syn + I_stim + I_e) / C_m : mV
    dAct_m/dt = (alpha_m - (alpha_m + beta_m) * Act_m) / 1 ms : 1
    dInact_h/dt = (alpha_h - (alpha_h + beta_h) * Inact_h) / 1 ms : 1
    dAct_n/dt = (alpha_n - (alpha_n + beta_n) * Act_n) / 1 ms : 1`,
  threshold: 'V_m >= V_T + 30 mV and before(V_m) > V_m',
  refractory: 't_ref',
  method: 'rkf45',
  tolerance: '1e-3',
};
