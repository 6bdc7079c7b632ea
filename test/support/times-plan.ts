import type { Plan } from '../../graph/plan.js';

export const dtNs = 100;

/** A plan that says nothing but when: channels as [from, to, lookahead in steps]. */
export function timesPlan(
  federates: number,
  channels: readonly (readonly [number, number, number])[],
  steps = 200,
): Plan {
  return {
    dtNs,
    durationNs: steps * dtNs,
    seed: 1,
    federates: Array.from({ length: federates }, (_, index) => ({ index, name: `f${index}`, slices: [] })),
    channels: channels.map(([from, to, lookahead]) => ({
      from,
      to,
      lookaheadNs: lookahead * dtNs,
      spikes: [],
      signals: [],
      graded: false,
    })),
  };
}
