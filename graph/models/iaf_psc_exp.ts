import type { ModelSpec } from '../model.js';
import {
  exponentialPropagator,
  LEAK_PARAMETERS,
  membraneCheck,
  refractorySteps,
  SYNAPSE_TIMES,
} from './leaky.js';

const { V_min: _, ...MEMBRANE } = LEAK_PARAMETERS;

export const iafPscExp: ModelSpec = {
  name: 'iaf_psc_exp',
  doc: 'Leaky integrate-and-fire neuron with exponential post-synaptic currents; weights (pA) below 0 are inhibitory.',
  reference: 'NEST iaf_psc_exp; Rotter & Diesmann 1999, Biol Cybern 81:381-402',
  emits: 'spike',
  parameters: { ...MEMBRANE, ...SYNAPSE_TIMES },
  state: {
    V_m: { unit: 'mV', initial: 'E_L', doc: 'membrane potential' },
    I_syn_ex: { unit: 'pA', initial: 0, doc: 'excitatory synaptic current' },
    I_syn_in: { unit: 'pA', initial: 0, doc: 'inhibitory synaptic current' },
    refractory: { unit: '1', initial: 0, doc: 'steps of refractoriness left' },
  },
  ports: [
    { name: 'ex', unit: 'pA', doc: 'excitatory' },
    { name: 'in', unit: 'pA', doc: 'inhibitory (negative weights)' },
  ],
  portBySign: true,
  constants: ['P11ex', 'P11in', 'P20', 'P21ex', 'P21in', 'P22', 'refractory_steps'],
  propagators: (p, dtMs, math) => ({
    P11ex: math.exp(-dtMs / p.tau_syn_ex),
    P11in: math.exp(-dtMs / p.tau_syn_in),
    P22: math.exp(-dtMs / p.tau_m),
    P20: (-p.tau_m / p.C_m) * math.expm1(-dtMs / p.tau_m),
    P21ex: exponentialPropagator(p.tau_syn_ex, p.tau_m, p.C_m, dtMs, math),
    P21in: exponentialPropagator(p.tau_syn_in, p.tau_m, p.C_m, dtMs, math),
    refractory_steps: refractorySteps(p.t_ref, dtMs),
  }),
  check: membraneCheck,
  update: `
    if (refractory == 0) {
      V_m = E_L + (P22 * (V_m - E_L) + P21ex * I_syn_ex + P21in * I_syn_in + P20 * (I_e + current));
    } else {
      refractory = refractory - 1;
    }
    I_syn_ex = P11ex * I_syn_ex + in_ex;
    I_syn_in = P11in * I_syn_in + in_in;
    spike = V_m >= V_th;
    if (spike) {
      refractory = refractory_steps;
      V_m = V_reset;
    }
  `,
};
