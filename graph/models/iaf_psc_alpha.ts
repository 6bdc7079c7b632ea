import type { ModelSpec } from '../model.js';
import {
  alphaPropagator,
  exponentialPropagator,
  LEAK_PARAMETERS,
  membraneCheck,
  refractorySteps,
  SYNAPSE_TIMES,
} from './leaky.js';

/** Scales an alpha function so that its peak is the weight. */
const E = Math.E;

export const iafPscAlpha: ModelSpec = {
  name: 'iaf_psc_alpha',
  doc: 'Leaky integrate-and-fire neuron with alpha-shaped post-synaptic currents; weights (pA) are the peaks, below 0 inhibitory.',
  reference: 'NEST iaf_psc_alpha; Rotter & Diesmann 1999, Biol Cybern 81:381-402',
  emits: 'spike',
  parameters: { ...LEAK_PARAMETERS, ...SYNAPSE_TIMES },
  state: {
    V_m: { unit: 'mV', initial: 'E_L', doc: 'membrane potential' },
    I_syn_ex: { unit: 'pA', initial: 0, doc: 'excitatory synaptic current' },
    I_syn_in: { unit: 'pA', initial: 0, doc: 'inhibitory synaptic current' },
    dI_syn_ex: { unit: '1', initial: 0, doc: 'its rate of growth, pA/ms' },
    dI_syn_in: { unit: '1', initial: 0, doc: 'its rate of growth, pA/ms' },
    refractory: { unit: '1', initial: 0, doc: 'steps of refractoriness left' },
  },
  ports: [
    { name: 'ex', unit: 'pA', doc: 'excitatory' },
    { name: 'in', unit: 'pA', doc: 'inhibitory (negative weights)' },
  ],
  portBySign: true,
  constants: [
    'P11ex',
    'P21ex',
    'P31ex',
    'P32ex',
    'P11in',
    'P21in',
    'P31in',
    'P32in',
    'P30',
    'P33',
    'peak_ex',
    'peak_in',
    'refractory_steps',
  ],
  propagators: (p, dtMs, math) => {
    const decayEx = math.exp(-dtMs / p.tau_syn_ex);
    const decayIn = math.exp(-dtMs / p.tau_syn_in);
    return {
      P11ex: decayEx,
      P21ex: dtMs * decayEx,
      P31ex: alphaPropagator(p.tau_syn_ex, p.tau_m, p.C_m, dtMs, math),
      P32ex: exponentialPropagator(p.tau_syn_ex, p.tau_m, p.C_m, dtMs, math),
      P11in: decayIn,
      P21in: dtMs * decayIn,
      P31in: alphaPropagator(p.tau_syn_in, p.tau_m, p.C_m, dtMs, math),
      P32in: exponentialPropagator(p.tau_syn_in, p.tau_m, p.C_m, dtMs, math),
      P30: (-p.tau_m / p.C_m) * math.expm1(-dtMs / p.tau_m),
      P33: math.exp(-dtMs / p.tau_m),
      peak_ex: E / p.tau_syn_ex,
      peak_in: E / p.tau_syn_in,
      refractory_steps: refractorySteps(p.t_ref, dtMs),
    };
  },
  check: membraneCheck,
  update: `
    if (refractory == 0) {
      V_m = E_L + (P30 * (current + I_e) + P31ex * dI_syn_ex + P32ex * I_syn_ex
        + P31in * dI_syn_in + P32in * I_syn_in + P33 * (V_m - E_L));
      V_m = max(V_m, V_min);
    } else {
      refractory = refractory - 1;
    }
    I_syn_ex = P21ex * dI_syn_ex + P11ex * I_syn_ex;
    dI_syn_ex = P11ex * dI_syn_ex + peak_ex * in_ex;
    I_syn_in = P21in * dI_syn_in + P11in * I_syn_in;
    dI_syn_in = P11in * dI_syn_in + peak_in * in_in;
    spike = V_m >= V_th;
    if (spike) {
      refractory = refractory_steps;
      V_m = V_reset;
    }
  `,
};
