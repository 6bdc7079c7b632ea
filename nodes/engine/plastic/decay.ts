import { exp } from '../../../graph/math.js';
import type { BoundProgram } from '../../../graph/synapses/bind.js';
import type { Arena } from '../arena.js';

/**
 * exp(−k · dt / tau) for whole k >= 0, as the product of two table entries: k = high · 2^shift + low. Exact functions of k, the same bits everywhere, and as fast
 * as two loads.
 */
export interface DecayTable {
  readonly low: Float64Array;
  readonly high: Float64Array;
  readonly shift: number;
}

/** Time constants of a program: each has a table. */
export function tausOf({ source, target, own, decays }: BoundProgram): number[] {
  const decaying = [...source, ...target, ...own].flatMap(({ tauMs }) =>
    tauMs === undefined ? [] : [tauMs],
  );
  return [...new Set([...decaying, ...decays])];
}

const SMALLEST_SHIFT = 8;
/** e^−746 is 0. */
const VANISHED = 746;
const MOST_STEPS = 2 ** 32;

/** @param tauMs 0: nothing is left after a step */
export function decayTable(arena: Arena, tauMs: number, dtMs: number): DecayTable {
  const steps = Math.min(MOST_STEPS, Math.ceil((VANISHED * tauMs) / dtMs) + 1);
  let shift = SMALLEST_SHIFT;
  while (2 ** (2 * shift) < steps) shift++;
  const low = arena.f64(2 ** shift);
  const high = arena.f64(Math.ceil(steps / 2 ** shift));
  const at = (k: number): number => (k === 0 ? 1 : tauMs === 0 ? 0 : exp((-k * dtMs) / tauMs));
  for (let k = 0; k < low.length; k++) low[k] = at(k);
  for (let k = 0; k < high.length; k++) high[k] = at(k * 2 ** shift);
  return { low, high, shift };
}

export function decayAt({ low, high, shift }: DecayTable, k: number): number {
  const coarse = k >>> shift;
  return coarse < high.length ? high[coarse] * low[k & (low.length - 1)] : 0;
}
