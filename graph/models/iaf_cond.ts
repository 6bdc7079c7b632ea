import type { ModelInput } from '../equations/document.js';

/** What NEST's leaky integrate-and-fire models with conductances have in common. */
export function conductanceBased(doc: string, twin: string, kind: 'exponential' | 'alpha'): ModelInput {
  return {
    doc,
    reference: `NEST ${twin}; Meffin et al. 2004, J Comput Neurosci 16:159-175`,
    parameters: {
      V_th: { default: '-55 mV', doc: 'threshold' },
      V_reset: { default: '-60 mV', doc: 'potential after a spike' },
      t_ref: { default: '2 ms', min: '0 ms', doc: 'refractory period, rounded up to dt' },
      g_L: { default: '16.6667 nS', min: '0 nS', doc: 'leak conductance' },
      C_m: { default: '250 pF', above: '0 pF', doc: 'membrane capacitance' },
      E_ex: { default: '0 mV', doc: 'excitatory reversal potential' },
      E_in: { default: '-85 mV', doc: 'inhibitory reversal potential' },
      E_L: { default: '-70 mV', doc: 'leak reversal potential' },
      tau_syn_ex: { default: '0.2 ms', above: '0 ms', doc: 'time constant of excitatory conductances' },
      tau_syn_in: { default: '2 ms', above: '0 ms', doc: 'time constant of inhibitory conductances' },
      I_e: { default: '0 pA', doc: 'constant input current' },
    },
    state: { V_m: { initial: 'E_L', doc: 'membrane potential' } },
    ports: {
      ex: { kind, tau: 'tau_syn_ex', reversal: 'E_ex', doc: 'excitatory' },
      in: { kind, tau: 'tau_syn_in', reversal: 'E_in', negative: true, doc: 'inhibitory (negative weights)' },
    },
    port_by_sign: true,
    equations: `
      V = min(V_m, V_th) : mV
      dV_m/dt = (-g_L * (V - E_L) + I_stim + I_e - g_ex * (V - E_ex) - g_in * (V - E_in)) / C_m : mV (unless refractory)`,
    threshold: 'V_m >= V_th',
    reset: 'V_m = V_reset',
    refractory: 't_ref',
    method: 'rkf45',
    tolerance: '1e-3',
  };
}
