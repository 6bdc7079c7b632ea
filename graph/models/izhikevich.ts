import type { ModelInput } from '../equations/document.js';

/** NEST's `consistent_integration`: one forward Euler step of both equations. */
export const izhikevich: ModelInput = {
  doc: "Izhikevich's simple model of a spiking neuron; an event of weight w moves V_m by w (mV).",
  reference:
    'NEST izhikevich (consistent_integration true); Izhikevich 2003, IEEE Trans Neural Netw 14:1569-1572',
  parameters: {
    a: { default: 0.02, doc: 'rate of recovery, 1/ms' },
    b: { default: 0.2, doc: 'sensitivity of recovery to V_m' },
    c: { default: '-65 mV', doc: 'potential after a spike' },
    d: { default: '8 mV', doc: 'recovery by a spike' },
    I_e: { default: '0 pA', doc: 'constant input current' },
    V_th: { default: '30 mV', doc: 'threshold' },
    V_min: { default: '-inf mV', doc: 'lower bound of V_m' },
  },
  state: {
    V_m: { initial: '-65 mV', doc: 'membrane potential' },
    U_m: { initial: '-13 mV', doc: 'recovery' },
  },
  ports: { spikes: { kind: 'delta', into: 'V_m', doc: 'jumps of V_m' } },
  equations: `
    dV_m/dt = 0.04 * V_m * V_m / (1 mV * 1 ms) + 5 * V_m / 1 ms + 140 mV / 1 ms - U_m / 1 ms
      + (I_stim + I_e) / 1 pF : mV
    dU_m/dt = a * (b * V_m - U_m) / 1 ms : mV`,
  each_step: 'V_m = max(V_m, V_min)',
  threshold: 'V_m >= V_th',
  reset: 'V_m = c; U_m += d',
  method: 'euler',
};
