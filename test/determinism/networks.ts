/** Two networks with all that makes runs differ where something is wrong. For tests. */
import type { Recording } from '../../graph/types.js';
import { DT_NS, graphOf, population, projection, spikes } from './build.js';

const state = (name: string, ...variables: string[]): Recording => ({
  kind: 'state',
  population: name,
  variables,
});

/** Two populations that keep each other going, every random rule, drawn weights and delays. */
export const RECURRENT = graphOf(
  [
    population('exc', 'iaf_psc_delta', 100, { initial: { V_m: { kind: 'uniform', low: -70, high: -55 } } }),
    population('inh', 'iaf_psc_exp', 37, { initial: { V_m: { kind: 'uniform', low: -70, high: -55 } } }),
    population('noise', 'poisson_source', 50, { params: { rate: 3000 } }),
  ],
  [
    projection('exc', 'exc', {
      rule: { kind: 'fixed_indegree', indegree: 10 },
      weight: { kind: 'normal', mean: 0.8, std: 0.4 },
      delayNs: { kind: 'uniform', low: 2 * DT_NS, high: 20 * DT_NS },
      allowAutapses: false,
    }),
    projection('exc', 'inh', {
      rule: { kind: 'fixed_probability', p: 0.3 },
      weight: 200,
      delayNs: 5 * DT_NS,
    }),
    projection('inh', 'exc', {
      rule: { kind: 'fixed_outdegree', outdegree: 12 },
      weight: -1,
      delayNs: 3 * DT_NS,
    }),
    projection('inh', 'inh', {
      rule: { kind: 'fixed_total_number', n: 300 },
      weight: -100,
      delayNs: 3 * DT_NS,
    }),
    projection('noise', 'exc', { rule: { kind: 'fixed_indegree', indegree: 8 }, weight: 1.1 }),
    projection('noise', 'inh', { rule: { kind: 'all_to_all' }, weight: 40, delayNs: 2 * DT_NS }),
  ],
  [],
  [
    { kind: 'spikes', population: 'exc' },
    { kind: 'spikes', population: 'inh' },
    state('exc', 'V_m'),
    state('inh', 'V_m', 'I_syn_in'),
  ],
);

/** A chain without delays from payloads through signals to spikes, and what comes back later. */
export const FEED_FORWARD = graphOf(
  [
    population('out', 'nir_lif', 18, { params: { tau: 0.005, v_threshold: 0.5 } }),
    population('input', 'spike_source', 40),
    population('li', 'nir_li', 33, { params: { tau: { kind: 'uniform', low: 0.002, high: 0.01 } } }),
    population('hidden', 'nir_if', 64),
    population('side', 'nir_cuba_lif', 70, { params: { tau_syn: 0.002, tau_mem: 0.005, v_threshold: 0.2 } }),
  ],
  [
    projection('input', 'li', { rule: { kind: 'fixed_indegree', indegree: 12 }, weight: 3, delayNs: 0 }),
    projection('li', 'out', {
      rule: { kind: 'dense', matrix: Float64Array.from({ length: 18 * 33 }, (_, i) => Math.sin(i) * 2) },
      delayNs: 0,
    }),
    projection('input', 'hidden', { rule: { kind: 'fixed_indegree', indegree: 5 }, weight: 0.7, delayNs: 0 }),
    projection('hidden', 'out', { rule: { kind: 'fixed_indegree', indegree: 9 }, weight: 1 / 3, delayNs: 0 }),
    projection('out', 'hidden', { rule: { kind: 'all_to_all' }, weight: -0.1, delayNs: 2 * DT_NS }),
    projection('out', 'side', { rule: { kind: 'all_to_all' }, weight: 2, delayNs: 3 * DT_NS }),
    projection('li', 'side', {
      rule: { kind: 'fixed_indegree', indegree: 3 },
      weight: 1,
      delayNs: 4 * DT_NS,
    }),
    projection('side', 'side', {
      rule: { kind: 'fixed_indegree', indegree: 6 },
      weight: -0.5,
      delayNs: 3 * DT_NS,
    }),
  ],
  [
    spikes(
      'input',
      Array.from(
        { length: 600 },
        (_, i) => [Math.floor(i / 4), (i * 7) % 40, Math.fround(Math.cos(i) + 0.5)] as const,
      ).sort(([a, b], [c, d]) => a - c || b - d),
    ),
  ],
  [
    ...['input', 'hidden', 'out', 'side'].map((name) => ({ kind: 'spikes', population: name }) as const),
    state('li', 'v'),
    state('out', 'v'),
    state('side', 'v', 'i'),
  ],
);
