import { describe, expect, it } from 'vitest';
import type { Recording } from '../../graph/types.js';
import { DT_NS, graphOf, population } from '../../test/determinism/build.js';
import type { Block } from './layout.js';
import { samplersOf } from './samples.js';

const model = { ports: [] } as unknown as Block['model'];
const block = (begin: number, end: number): Block => ({
  population: 1,
  begin,
  end,
  size: end - begin,
  model,
  firstLocal: 0,
  ports: [],
});

function graphWith(...recordings: Recording[]) {
  return graphOf(
    [population('other', 'nir_output', 5), population('p', 'nir_output', 10)],
    [],
    [],
    recordings,
  );
}

const state = (more: Partial<Extract<Recording, { kind: 'state' }>> = {}): Recording => ({
  kind: 'state',
  population: 'p',
  variables: ['x'],
  ...more,
});

describe('samplers', () => {
  it('keep the state at the end of every step that is due, from step 0 on', () => {
    const x = new Float64Array(3);
    const y = new Float64Array(3);
    const graph = graphWith(
      { kind: 'spikes', population: 'p' },
      state({ variables: ['y', 'x'], everyNs: 3 * DT_NS }),
    );
    const samplers = samplersOf(graph, block(4, 7), { x, y }, DT_NS);
    expect(samplers).toHaveLength(2);
    expect(samplers.map((sampler) => sampler.take())).toEqual([undefined, undefined]);
    const run = (from: number, to: number): void => {
      for (let step = from; step < to; step++) {
        x.fill(step);
        y.set([step, step + 0.5, -step]);
        for (const sampler of samplers) sampler.sample(step);
      }
    };
    run(0, 7);
    const shared = { recording: 1, begin: 4, end: 7, firstSample: 0 };
    expect(samplers.map((sampler) => sampler.take())).toEqual([
      { ...shared, variable: 'y', values: Float64Array.of(0, 0.5, -0, 3, 3.5, -3, 6, 6.5, -6) },
      { ...shared, variable: 'x', values: Float64Array.of(0, 0, 0, 3, 3, 3, 6, 6, 6) },
    ]);
    run(7, 9);
    expect(samplers[0].take()).toBeUndefined();
    run(9, 10);
    expect(samplers[0].take()).toMatchObject({ firstSample: 3, values: Float64Array.of(9, 9.5, -9) });
  });

  it('of a block keep what it has of the range, and nothing of others', () => {
    const graph = graphWith(state({ range: { begin: 2, end: 6 } }), state({ population: 'other' }));
    const parts = [block(0, 2), block(2, 3), block(3, 8), block(8, 10), block(0, 10)].map((part) => {
      const x = Float64Array.from({ length: part.size }, (_, i) => part.begin + i);
      const samplers = samplersOf(graph, part, { x }, DT_NS);
      for (const sampler of samplers) sampler.sample(0);
      return samplers.map((sampler) => sampler.take()).map((s) => [s?.begin, s?.end, ...(s?.values ?? [])]);
    });
    expect(parts).toEqual([[], [[2, 3, 2]], [[3, 6, 3, 4, 5]], [], [[2, 6, 2, 3, 4, 5]]]);
  });

  it('grow, and start anew after each take', () => {
    const x = new Float64Array(2);
    const [sampler] = samplersOf(graphWith(state()), block(0, 2), { x }, DT_NS);
    let step = 0;
    for (const count of [1000, 3, 40]) {
      const first = step;
      for (; step < first + count; step++) {
        x.fill(step);
        sampler.sample(step);
      }
      const samples = sampler.take();
      expect(samples?.firstSample).toBe(first);
      expect(samples?.values).toEqual(
        Float64Array.from({ length: 2 * count }, (_, i) => first + Math.floor(i / 2)),
      );
    }
  });
});
