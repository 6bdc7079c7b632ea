/** Adapters that need their input early: what can't work is said before the run. */
import { describe, expect, it } from 'vitest';
import { type Graph, network } from '../../graph/index.js';
import { partition } from './partition.js';

const settings = { dtNs: 1e5, durationNs: 100e6, seed: 1 };

function ring(there: string, back: string, other = 'two'): Graph {
  const rule = { rule: 'all_to_all', weight: 1 } as const;
  return network('ring')
    .population('left', { model: 'external', size: 3, placement: 'one' })
    .population('right', { model: 'external', size: 3, placement: other })
    .projection({ name: 'there', source: 'left', target: 'right', delay: there, ...rule })
    .projection({ name: 'back', source: 'right', target: 'left', delay: back, ...rule })
    .build();
}

const adapters = (one: number, two: number) => [
  { name: 'soft' },
  { name: 'one', adapter: 'one', onlyPlaced: true, leadSteps: one },
  { name: 'two', adapter: 'two', onlyPlaced: true, leadSteps: two },
];
const divide = (graph: Graph, one = 1, two = 1) =>
  partition(graph, settings, { workers: adapters(one, two) });

describe('adapters that need their input before it acts', () => {
  it('are refused where they would wait for each other, by name', () => {
    expect(() => divide(ring('0.1 ms', '0.1 ms'))).toThrow(
      "projections.there.delay: adapters 'two' and 'one': each needs its input some steps before it acts, and they would wait for each other: found a delay of 0.1 ms (1 step) from one to two (there), a delay of 0.1 ms (1 step) from two to one (back); expected one step more (0.1 ms) on one of these ways",
    );
  });

  it.each([
    ['a step more one way', ring('0.2 ms', '0.1 ms'), 1, 1],
    ['the other way', ring('0.1 ms', '0.2 ms'), 1, 1],
    ['one that needs nothing early', ring('0.1 ms', '0.1 ms'), 0, 1],
    ['software between them', ring('0.1 ms', '0.1 ms', 'soft'), 1, 1],
  ])('go with %s', (_, graph, one, two) => {
    expect(divide(graph, one, two).channels).toHaveLength(2);
  });

  it('are refused a delay that is shorter', () => {
    expect(() => divide(ring('0.3 ms', '0.1 ms'), 2, 1)).toThrow(
      "projections.back.delay: adapter 'one' needs its input 2 steps before it acts: found a delay of 0.1 ms (1 step) from two, expected at least 0.2 ms",
    );
  });
});
