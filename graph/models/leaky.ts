import type { DeterministicMath, ParameterSpec } from '../model.js';

/** What NEST's leaky integrate-and-fire models with post-synaptic currents have in common, with NEST's defaults. */
export const LEAK_PARAMETERS: Readonly<Record<string, ParameterSpec>> = {
  E_L: { unit: 'mV', default: -70, doc: 'resting potential' },
  C_m: { unit: 'pF', default: 250, min: 0, exclusive: true, doc: 'membrane capacitance' },
  tau_m: { unit: 'ms', default: 10, min: 0, exclusive: true, doc: 'membrane time constant' },
  t_ref: { unit: 'ms', default: 2, min: 0, doc: 'refractory period, rounded up to dt' },
  V_th: { unit: 'mV', default: -55, doc: 'threshold' },
  V_reset: { unit: 'mV', default: -70, doc: 'potential after a spike' },
  I_e: { unit: 'pA', default: 0, doc: 'constant input current' },
  V_min: { unit: 'mV', default: Number.NEGATIVE_INFINITY, doc: 'lower bound of V_m' },
};

export const SYNAPSE_TIMES: Readonly<Record<string, ParameterSpec>> = {
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
};

export function membraneCheck(p: Readonly<Record<string, number>>): string | undefined {
  return p.V_reset < p.V_th ? undefined : `V_reset ${p.V_reset} mV is not below V_th ${p.V_th} mV`;
}

/** t_ref rounded up to whole steps, as NEST rounds it; compared in whole ns, so that 2.0 ms stays 20 steps of 0.1 ms. */
export function refractorySteps(tRefMs: number, dtMs: number): number {
  return Math.ceil(Math.round(tRefMs * 1e6) / Math.round(dtMs * 1e6));
}

/**
 * Effect on V_m after dt of an exponential current of 1 pA: (1/C) ∫ exp(−(h−s)/tau_m) exp(−s/tau_s) ds.
 * With x = h (1/tau_s − 1/tau_m) it is h/C · exp(−h/tau_s) · expm1(x)/x, regular where the time constants are equal.
 */
export function exponentialPropagator(
  tauSynMs: number,
  tauMemMs: number,
  capacitance: number,
  dtMs: number,
  math: DeterministicMath,
): number {
  const x = dtMs * (1 / tauSynMs - 1 / tauMemMs);
  const ratio = x === 0 ? 1 : math.expm1(x) / x;
  return (dtMs / capacitance) * math.exp(-dtMs / tauSynMs) * ratio;
}

/**
 * The same for a current that grows as s · exp(−s/tau_s): h²/C · exp(−h/tau_m) · g(y), y = h (1/tau_s − 1/tau_m),
 * g(y) = (1 − exp(−y)(1 + y)) / y², by its power series where the difference would cancel.
 */
export function alphaPropagator(
  tauSynMs: number,
  tauMemMs: number,
  capacitance: number,
  dtMs: number,
  math: DeterministicMath,
): number {
  const y = dtMs * (1 / tauSynMs - 1 / tauMemMs);
  const g = Math.abs(y) < 1 ? alphaSeries(y) : (1 - math.exp(-y) * (1 + y)) / (y * y);
  return ((dtMs * dtMs) / capacitance) * math.exp(-dtMs / tauMemMs) * g;
}

/** Σ (−y)^n (n + 1) / (n + 2)! */
function alphaSeries(y: number): number {
  let sum = 0;
  let power = 1;
  let factorial = 2;
  for (let n = 0; n < 24; n++) {
    sum += (power * (n + 1)) / factorial;
    power *= -y;
    factorial *= n + 3;
  }
  return sum;
}
