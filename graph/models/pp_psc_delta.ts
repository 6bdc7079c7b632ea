import type { ModelInput } from '../equations/document.js';

export const ppPscDelta: ModelInput = {
  doc: 'Point process neuron: it spikes at a rate that its membrane potential sets; an event of weight w moves V_m by w (mV). At most one spike a step.',
  reference:
    'NEST pp_psc_delta (one adaptation element, constant dead time); Cardanobile & Rotter 2010, J Comput Neurosci 28:267-284',
  parameters: {
    tau_m: { default: '10 ms', above: '0 ms', doc: 'membrane time constant' },
    C_m: { default: '250 pF', above: '0 pF', doc: 'membrane capacitance' },
    dead_time: { default: '1 ms', min: '0 ms', doc: 'no spike for so long after one, rounded up to dt' },
    with_reset: { default: 1, min: 0, max: 1, doc: '1: a spike sets V_m to 0' },
    tau_sfa: { default: '34 ms', above: '0 ms', doc: 'time constant of adaptation' },
    q_sfa: { default: '0 mV', doc: 'adaptation by a spike' },
    c_1: { default: '0 Hz/mV', doc: 'slope of the linear part of the rate' },
    c_2: { default: '1.238 Hz', doc: 'factor of the exponential part of the rate' },
    c_3: { default: '0.25 1/mV', doc: 'slope in the exponent' },
    I_e: { default: '0 pA', doc: 'constant input current' },
  },
  state: {
    V_m: { initial: '0 mV', doc: 'membrane potential, 0 at rest' },
    E_sfa: { initial: '0 mV', doc: 'adaptation of the threshold' },
  },
  ports: { spikes: { kind: 'delta', into: 'V_m', doc: 'jumps of V_m' } },
  equations: `
    dV_m/dt = -V_m / tau_m + (I_e + I_stim) / C_m : mV
    dE_sfa/dt = -E_sfa / tau_sfa : mV
    V = V_m - E_sfa : mV
    rate = c_1 * V + c_2 * exp(c_3 * V) : Hz`,
  threshold: 'uniform <= 1 - exp(-rate * dt)',
  reset: 'E_sfa += q_sfa; V_m = with_reset > 0 ? 0 mV : V_m',
  refractory: 'dead_time',
  method: 'exact',
};
