import type { ModelSpec } from '../model.js';
import { exponentialPropagator, refractorySteps } from './leaky.js';

/** Events act on V_m in the step in which they arrive, as in NEST: so it is written in the kernel language. */
export const gifPscExp: ModelSpec = {
  name: 'gif_psc_exp',
  doc: 'Generalised integrate-and-fire neuron: spike-triggered currents, a threshold that spikes move, escape noise; exponential currents, weights (pA) below 0 are inhibitory.',
  reference:
    'NEST gif_psc_exp (two elements each); Mensi et al. 2012, J Neurophysiol 107:1756-1775; Pozzorini et al. 2015, PLoS Comput Biol 11:e1004275',
  emits: 'spike',
  parameters: {
    g_L: { unit: 'nS', default: 4, min: 0, exclusive: true, doc: 'leak conductance' },
    E_L: { unit: 'mV', default: -70, doc: 'leak reversal potential' },
    V_reset: { unit: 'mV', default: -55, doc: 'potential after a spike' },
    Delta_V: { unit: 'mV', default: 0.5, min: 0, exclusive: true, doc: 'width of the threshold' },
    V_T_star: { unit: 'mV', default: -35, doc: 'threshold without spikes' },
    lambda_0: { unit: '1/ms', default: 0.001, min: 0, doc: 'rate at threshold' },
    t_ref: { unit: 'ms', default: 4, min: 0, doc: 'refractory period, rounded up to dt' },
    C_m: { unit: 'pF', default: 80, min: 0, exclusive: true, doc: 'membrane capacitance' },
    tau_stc_1: {
      unit: 'ms',
      default: 10,
      min: 0,
      exclusive: true,
      doc: 'decay of spike-triggered current 1',
    },
    tau_stc_2: {
      unit: 'ms',
      default: 100,
      min: 0,
      exclusive: true,
      doc: 'decay of spike-triggered current 2',
    },
    q_stc_1: { unit: 'pA', default: 0, doc: 'what a spike adds to it' },
    q_stc_2: { unit: 'pA', default: 0, doc: 'what a spike adds to it' },
    tau_sfa_1: { unit: 'ms', default: 10, min: 0, exclusive: true, doc: 'decay of part 1 of the threshold' },
    tau_sfa_2: { unit: 'ms', default: 100, min: 0, exclusive: true, doc: 'decay of part 2 of the threshold' },
    q_sfa_1: { unit: 'mV', default: 0, doc: 'what a spike adds to it' },
    q_sfa_2: { unit: 'mV', default: 0, doc: 'what a spike adds to it' },
    tau_syn_ex: {
      unit: 'ms',
      default: 2,
      min: 0,
      exclusive: true,
      doc: 'time constant of excitatory currents',
    },
    tau_syn_in: {
      unit: 'ms',
      default: 2,
      min: 0,
      exclusive: true,
      doc: 'time constant of inhibitory currents',
    },
    I_e: { unit: 'pA', default: 0, doc: 'constant input current' },
  },
  state: {
    V_m: { unit: 'mV', initial: -70, doc: 'membrane potential' },
    stc_1: { unit: 'pA', initial: 0, doc: 'spike-triggered current 1' },
    stc_2: { unit: 'pA', initial: 0, doc: 'spike-triggered current 2' },
    sfa_1: { unit: 'mV', initial: 0, doc: 'part 1 of the threshold' },
    sfa_2: { unit: 'mV', initial: 0, doc: 'part 2 of the threshold' },
    I_syn_ex: { unit: 'pA', initial: 0, doc: 'excitatory synaptic current' },
    I_syn_in: { unit: 'pA', initial: 0, doc: 'inhibitory synaptic current' },
    refractory: { unit: '1', initial: 0, doc: 'steps of refractoriness left' },
  },
  ports: [
    { name: 'ex', unit: 'pA', doc: 'excitatory' },
    { name: 'in', unit: 'pA', doc: 'inhibitory (negative weights)' },
  ],
  portBySign: true,
  noise: [{ name: 'uniform', kind: 'uniform' }],
  method: 'exact (propagators)',
  constants: [
    'P11ex',
    'P11in',
    'P21ex',
    'P21in',
    'P30',
    'P31',
    'P33',
    'Q1',
    'Q2',
    'S1',
    'S2',
    'step',
    'refractory_steps',
  ],
  propagators: (p, dtMs, math) => {
    const tau = p.C_m / p.g_L;
    const { exp, expm1 } = math;
    return {
      P11ex: exp(-dtMs / p.tau_syn_ex),
      P11in: exp(-dtMs / p.tau_syn_in),
      P21ex: exponentialPropagator(p.tau_syn_ex, tau, p.C_m, dtMs, math),
      P21in: exponentialPropagator(p.tau_syn_in, tau, p.C_m, dtMs, math),
      P30: (-tau / p.C_m) * expm1(-dtMs / tau),
      P31: -expm1(-dtMs / tau),
      P33: exp(-dtMs / tau),
      Q1: exp(-dtMs / p.tau_stc_1),
      Q2: exp(-dtMs / p.tau_stc_2),
      S1: exp(-dtMs / p.tau_sfa_1),
      S2: exp(-dtMs / p.tau_sfa_2),
      step: dtMs,
      refractory_steps: refractorySteps(p.t_ref, dtMs),
    };
  },
  update: `
    stc = stc_1 + stc_2;
    stc_1 = Q1 * stc_1;
    stc_2 = Q2 * stc_2;
    threshold = V_T_star + sfa_1 + sfa_2;
    sfa_1 = S1 * sfa_1;
    sfa_2 = S2 * sfa_2;
    I_syn_ex = P11ex * I_syn_ex + in_ex;
    I_syn_in = P11in * I_syn_in + in_in;
    spike = 0 > 1;
    if (refractory == 0) {
      V_m = P30 * (current + I_e - stc) + P33 * V_m + P31 * E_L + I_syn_ex * P21ex + I_syn_in * P21in;
      spike = uniform < 1 - exp(-lambda_0 * exp((V_m - threshold) / Delta_V) * step);
      if (spike) {
        stc_1 = stc_1 + q_stc_1;
        stc_2 = stc_2 + q_stc_2;
        sfa_1 = sfa_1 + q_sfa_1;
        sfa_2 = sfa_2 + q_sfa_2;
        refractory = refractory_steps;
      }
    } else {
      refractory = refractory - 1;
      V_m = V_reset;
    }
  `,
};
