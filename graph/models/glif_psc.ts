import type { ModelSpec } from '../model.js';
import { alphaPropagator, exponentialPropagator, refractorySteps } from './leaky.js';

/**
 * The three switches make Allen's five models: GLIF 1 none; GLIF 2 `spike_dependent_threshold`; GLIF 3 `after_spike_currents`; GLIF 4 both;
 * GLIF 5 all three. After-spike currents act by their mean over a step, as in NEST, so this is written in the kernel language.
 */
export const glifPsc: ModelSpec = {
  name: 'glif_psc',
  doc: "Allen Institute's generalised leaky integrate-and-fire neurons (GLIF 1 to 5, by its switches) with alpha-shaped currents; weights (pA) are the peaks.",
  reference: 'NEST glif_psc (one receptor, two after-spike currents); Teeter et al. 2018, Nat Commun 9:709',
  emits: 'spike',
  parameters: {
    V_th: { unit: 'mV', default: -51.68, doc: 'threshold of a neuron at rest' },
    g: { unit: 'nS', default: 9.43, min: 0, exclusive: true, doc: 'membrane conductance' },
    E_L: { unit: 'mV', default: -78.85, doc: 'resting potential' },
    C_m: { unit: 'pF', default: 58.72, min: 0, exclusive: true, doc: 'membrane capacitance' },
    t_ref: { unit: 'ms', default: 3.75, min: 0, exclusive: true, doc: 'refractory period, rounded up to dt' },
    V_reset: { unit: 'mV', default: -78.85, doc: 'potential after a spike (GLIF 1 and 3)' },
    th_spike_add: { unit: 'mV', default: 0.37, doc: 'what a spike adds to the threshold' },
    th_spike_decay: { unit: '1/ms', default: 0.009, min: 0, exclusive: true, doc: 'decay of that' },
    voltage_reset_fraction: {
      unit: '1',
      default: 0.2,
      doc: 'of the potential above rest, kept through a spike',
    },
    voltage_reset_add: { unit: 'mV', default: 18.51, doc: 'added to that' },
    th_voltage_index: { unit: '1/ms', default: 0.005, doc: 'how the threshold follows the potential' },
    th_voltage_decay: { unit: '1/ms', default: 0.09, min: 0, exclusive: true, doc: 'decay of that' },
    asc_init_1: { unit: 'pA', default: 0, doc: 'after-spike current 1 at time 0' },
    asc_init_2: { unit: 'pA', default: 0, doc: 'after-spike current 2 at time 0' },
    asc_decay_1: { unit: '1/ms', default: 0.003, min: 0, exclusive: true, doc: 'its decay' },
    asc_decay_2: { unit: '1/ms', default: 0.1, min: 0, exclusive: true, doc: 'its decay' },
    asc_amps_1: { unit: 'pA', default: -9.18, doc: 'what a spike adds to it' },
    asc_amps_2: { unit: 'pA', default: -198.94, doc: 'what a spike adds to it' },
    asc_r_1: { unit: '1', default: 1, min: 0, max: 1, doc: 'part of it that is kept through a spike' },
    asc_r_2: { unit: '1', default: 1, min: 0, max: 1, doc: 'part of it that is kept through a spike' },
    tau_syn: { unit: 'ms', default: 2, min: 0, exclusive: true, doc: 'time constant of synaptic currents' },
    spike_dependent_threshold: {
      unit: '1',
      default: 0,
      min: 0,
      max: 1,
      doc: '1: a spike raises the threshold',
    },
    after_spike_currents: { unit: '1', default: 0, min: 0, max: 1, doc: '1: a spike starts currents' },
    adapting_threshold: {
      unit: '1',
      default: 0,
      min: 0,
      max: 1,
      doc: '1: the threshold follows the potential',
    },
  },
  state: {
    V_m: { unit: 'mV', initial: 'E_L', doc: 'membrane potential' },
    threshold_spike: { unit: 'mV', initial: 0, doc: 'part of the threshold that spikes make' },
    threshold_voltage: { unit: 'mV', initial: 0, doc: 'part of the threshold that the potential makes' },
    ASCurrents_1: { unit: 'pA', initial: 'asc_init_1', doc: 'after-spike current 1' },
    ASCurrents_2: { unit: 'pA', initial: 'asc_init_2', doc: 'after-spike current 2' },
    I_syn: { unit: 'pA', initial: 0, doc: 'synaptic current' },
    dI_syn: { unit: '1', initial: 0, doc: 'its rate of growth, pA/ms' },
    refractory: { unit: '1', initial: 0, doc: 'steps of refractoriness left' },
  },
  ports: [{ name: 'spikes', unit: 'pA', doc: 'alpha-shaped currents' }],
  currentUnit: 'pA',
  method: 'exact (propagators), after-spike currents by their mean over a step',
  constants: [
    'P11',
    'P21',
    'P31',
    'P32',
    'P30',
    'P33',
    'peak',
    'refractory_steps',
    'spike_decay',
    'spike_refractory_decay',
    'asc_step_1',
    'asc_step_2',
    'asc_mean_1',
    'asc_mean_2',
    'asc_kept_1',
    'asc_kept_2',
    'phi',
    'potential_decay',
    'voltage_decay',
    'voltage_ratio',
  ],
  propagators: (p, dtMs, math) => {
    const { exp, expm1 } = math;
    const tau = p.C_m / p.g;
    const P11 = exp(-dtMs / p.tau_syn);
    const mean = (decay: number): number => -expm1(-decay * dtMs) / (decay * dtMs);
    return {
      P11,
      P21: dtMs * P11,
      P31: alphaPropagator(p.tau_syn, tau, p.C_m, dtMs, math),
      P32: exponentialPropagator(p.tau_syn, tau, p.C_m, dtMs, math),
      P30: (-tau / p.C_m) * expm1(-dtMs / tau),
      P33: exp(-dtMs / tau),
      peak: Math.E / p.tau_syn,
      refractory_steps: refractorySteps(p.t_ref, dtMs),
      spike_decay: exp(-p.th_spike_decay * dtMs),
      spike_refractory_decay: exp(-p.th_spike_decay * p.t_ref),
      asc_step_1: exp(-p.asc_decay_1 * dtMs),
      asc_step_2: exp(-p.asc_decay_2 * dtMs),
      asc_mean_1: mean(p.asc_decay_1),
      asc_mean_2: mean(p.asc_decay_2),
      asc_kept_1: p.asc_r_1 * exp(-p.asc_decay_1 * p.t_ref),
      asc_kept_2: p.asc_r_2 * exp(-p.asc_decay_2 * p.t_ref),
      phi: p.th_voltage_index / (p.th_voltage_decay - p.g / p.C_m),
      potential_decay: exp((-p.g * dtMs) / p.C_m),
      voltage_decay: exp(-p.th_voltage_decay * dtMs),
      voltage_ratio: p.th_voltage_index / p.th_voltage_decay,
    };
  },
  check: (p) => {
    if (p.adapting_threshold > 0 && p.th_voltage_decay === p.g / p.C_m) {
      return `th_voltage_decay ${p.th_voltage_decay} is g / C_m, expected another value`;
    }
    if (p.adapting_threshold > 0 && (p.after_spike_currents === 0 || p.spike_dependent_threshold === 0)) {
      return 'adapting_threshold (GLIF 5) needs spike_dependent_threshold and after_spike_currents, too';
    }
    return p.V_reset < p.V_th ? undefined : `V_reset ${p.V_reset} mV is not below V_th ${p.V_th} mV`;
  },
  update: `
    spike = 0 > 1;
    if (refractory == 0) {
      old = V_m - E_L;
      after = 0;
      if (spike_dependent_threshold > 0) { threshold_spike = threshold_spike * spike_decay; }
      if (after_spike_currents > 0) {
        after = asc_mean_1 * ASCurrents_1 + asc_mean_2 * ASCurrents_2;
        ASCurrents_1 = ASCurrents_1 * asc_step_1;
        ASCurrents_2 = ASCurrents_2 * asc_step_2;
      }
      u = old * P33 + (current + after) * P30 + P31 * dI_syn + P32 * I_syn;
      if (adapting_threshold > 0) {
        beta = (current + after) / g;
        threshold_voltage = phi * (old - beta) * potential_decay
          + voltage_decay * (threshold_voltage - phi * (old - beta) - voltage_ratio * beta) + voltage_ratio * beta;
      }
      spike = u > threshold_spike + threshold_voltage + (V_th - E_L);
      if (spike) {
        refractory = refractory_steps;
        if (after_spike_currents > 0) {
          ASCurrents_1 = asc_amps_1 + ASCurrents_1 * asc_kept_1;
          ASCurrents_2 = asc_amps_2 + ASCurrents_2 * asc_kept_2;
        }
        if (spike_dependent_threshold > 0) {
          u = voltage_reset_fraction * old + voltage_reset_add;
          threshold_spike = threshold_spike * spike_refractory_decay + th_spike_add;
        } else {
          u = V_reset - E_L;
        }
      }
      V_m = E_L + u;
    } else {
      refractory = refractory - 1;
    }
    I_syn = P21 * dI_syn + P11 * I_syn;
    dI_syn = P11 * dI_syn + peak * in_spikes;
  `,
};
