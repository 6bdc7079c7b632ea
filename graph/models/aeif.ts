import type { ModelInput, PortInput } from '../equations/document.js';

const PAPER = 'Brette & Gerstner 2005, J Neurophysiol 94:3637-3642';

/** What NEST's adaptive exponential models have in common, with NEST's defaults. */
const PARAMETERS = {
  C_m: { default: '281 pF', above: '0 pF', doc: 'membrane capacitance' },
  g_L: { default: '30 nS', above: '0 nS', doc: 'leak conductance' },
  E_L: { default: '-70.6 mV', doc: 'leak reversal potential' },
  V_th: { default: '-50.4 mV', doc: 'potential at which a spike begins' },
  Delta_T: {
    default: '2 mV',
    min: '0 mV',
    doc: 'slope of the exponential; 0: a leaky integrate-and-fire neuron',
  },
  tau_w: { default: '144 ms', above: '0 ms', doc: 'time constant of adaptation' },
  a: { default: '4 nS', doc: 'subthreshold adaptation' },
  b: { default: '80.5 pA', doc: 'adaptation by a spike' },
  V_peak: { default: '0 mV', doc: 'potential at which a spike is detected' },
  V_reset: { default: '-60 mV', doc: 'potential after a spike' },
  t_ref: { default: '0 ms', min: '0 ms', doc: 'refractory period, rounded up to dt' },
  I_e: { default: '0 pA', doc: 'constant input current' },
} as const;

const TIMES = {
  tau_syn_ex: { default: '0.2 ms', above: '0 ms', doc: 'time constant of the excitatory synapse' },
  tau_syn_in: { default: '2 ms', above: '0 ms', doc: 'time constant of the inhibitory synapse' },
} as const;

const REVERSALS = {
  E_ex: { default: '0 mV', doc: 'excitatory reversal potential' },
  E_in: { default: '-85 mV', doc: 'inhibitory reversal potential' },
} as const;

/** The model with these ports, and what their currents add to `C_m dV_m/dt`. */
export function adaptiveExponential(
  doc: string,
  twin: string,
  ports: Readonly<Record<string, PortInput>>,
  synaptic: string,
): ModelInput {
  const conductances = ports.ex.reversal !== undefined;
  return {
    doc,
    reference: `NEST ${twin}; ${PAPER}`,
    parameters: { ...PARAMETERS, ...TIMES, ...(conductances ? REVERSALS : {}) },
    state: {
      V_m: { initial: 'E_L', doc: 'membrane potential' },
      w: { initial: '0 pA', doc: 'adaptation current' },
    },
    ports,
    port_by_sign: true,
    equations: `
      V = min(V_m, V_peak) : mV
      I_spike = Delta_T == 0 ? 0 pA : g_L * Delta_T * exp((V - V_th) / Delta_T) : pA
      dV_m/dt = (-g_L * (V - E_L) + I_spike ${synaptic} - w + I_e + I_stim) / C_m : mV (unless refractory)
      dw/dt = (a * (V - E_L) - w) / tau_w : pA`,
    threshold: 'V_m >= (Delta_T > 0 ? V_peak : V_th)',
    threshold_at: 'substep',
    reset: 'V_m = V_reset; w += b',
    refractory: 't_ref',
    method: 'rkf45',
    tolerance: '1e-6',
    relative_tolerance: '1e-6',
  };
}

export const EXCITATORY = { doc: 'excitatory', tau: 'tau_syn_ex' } as const;
export const INHIBITORY = {
  doc: 'inhibitory (negative weights)',
  tau: 'tau_syn_in',
  negative: true,
} as const;

/** Of conductances g_ex and g_in. */
export const CONDUCTANCES = '- g_ex * (V - E_ex) - g_in * (V - E_in)';
