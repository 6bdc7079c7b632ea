/** Networks with an adapter in the loop. */
import { fileURLToPath } from 'node:url';
import { type Graph, network } from '../../graph/index.js';

export const ECHO = fileURLToPath(new URL('./echo.mjs', import.meta.url));
export const SETTINGS = { dtNs: 1e5, durationNs: 100e6, seed: 3 };

export interface LoopOptions {
  readonly kind?: string;
  readonly config?: Readonly<Record<string, unknown>>;
  readonly size?: number;
  readonly weight?: number;
  readonly delay?: string;
  /** Synapses within the device, too. */
  readonly recurrent?: boolean;
}

/** Poisson input → neurons → device → the same neurons. */
export function loop(options: LoopOptions = {}): Graph {
  const { kind = ECHO, config = {}, size = 30, weight = 1, delay = '1.2 ms', recurrent = false } = options;
  const built = network('loop')
    .population('in', { model: 'poisson_source', size: 50, params: { rate: '200 Hz' } })
    .population('exc', { model: 'iaf_psc_exp', size: 40, params: { tau_m: '20 ms' } })
    .population('chip', { model: 'external', size, placement: 'board' })
    .adapter('board', { kind, threshold: 0.5, ...config })
    .projection({
      name: 'in_exc',
      source: 'in',
      target: 'exc',
      rule: 'fixed_indegree',
      indegree: 10,
      weight: '300 pA',
      delay: '1 ms',
    })
    .projection({
      name: 'exc_chip',
      source: 'exc',
      target: 'chip',
      rule: 'fixed_indegree',
      indegree: 4,
      weight,
      delay,
    })
    .projection({
      name: 'chip_exc',
      source: 'chip',
      target: 'exc',
      rule: 'fixed_indegree',
      indegree: 5,
      weight: '100 pA',
      delay: '0.8 ms',
    });
  if (recurrent) {
    built.projection({
      name: 'chip_chip',
      source: 'chip',
      target: 'chip',
      rule: 'fixed_probability',
      p: 0.02,
      weight: 0.25,
      delay: '0.5 ms',
    });
  }
  return built.build();
}
