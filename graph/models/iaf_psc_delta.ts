import type { ModelSpec } from '../model.js';
import { LEAK_PARAMETERS, membraneCheck, refractorySteps } from './leaky.js';

export const iafPscDelta: ModelSpec = {
  name: 'iaf_psc_delta',
  doc: 'Leaky integrate-and-fire neuron with delta-shaped synaptic currents: an event of weight w moves V_m by w (mV).',
  reference: 'NEST iaf_psc_delta; Rotter & Diesmann 1999, Biol Cybern 81:381-402',
  emits: 'spike',
  parameters: {
    ...LEAK_PARAMETERS,
    refractory_input: {
      unit: '1',
      default: 0,
      min: 0,
      max: 1,
      doc: '1: input during refractoriness acts, discounted, at its end; 0: it is lost',
    },
  },
  state: {
    V_m: { unit: 'mV', initial: 'E_L', doc: 'membrane potential' },
    refractory: { unit: '1', initial: 0, doc: 'steps of refractoriness left' },
    kept_input: { unit: 'mV', initial: 0, doc: 'input kept for the end of refractoriness' },
  },
  ports: [{ name: 'spikes', unit: 'mV', doc: 'jumps of V_m' }],
  constants: ['P30', 'P33', 'refractory_steps'],
  propagators: (p, dtMs, math) => ({
    P33: math.exp(-dtMs / p.tau_m),
    P30: (-p.tau_m / p.C_m) * math.expm1(-dtMs / p.tau_m),
    refractory_steps: refractorySteps(p.t_ref, dtMs),
  }),
  check: membraneCheck,
  update: `
    if (refractory == 0) {
      V_m = E_L + (P30 * (current + I_e) + P33 * (V_m - E_L) + in_spikes);
      if (refractory_input > 0) {
        V_m = V_m + kept_input;
        kept_input = 0;
      }
      V_m = max(V_m, V_min);
    } else {
      if (refractory_input > 0) {
        kept_input = (kept_input + in_spikes) * P33;
      }
      refractory = refractory - 1;
    }
    spike = V_m >= V_th;
    if (spike) {
      refractory = refractory_steps;
      V_m = V_reset;
    }
  `,
};
