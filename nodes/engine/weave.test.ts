import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  graphOf,
  population,
  projection,
  settingsOf,
  spikes,
  wholePlan,
} from '../../test/determinism/build.js';
import { groupsOf, listedRows, rowsOf, sorted } from '../../test/determinism/groups.js';
import { anyProjection } from '../../test/support/projections.js';
import { buildEngine } from './build.js';
import { groupBytes } from './synapses.js';

describe('groups of synapses', () => {
  it('hold what the rule lists, for any rule, part of the targets and seed', () => {
    fc.assert(
      fc.property(anyProjection, fc.nat(), fc.double({ min: 0, max: 1, noNaN: true }), (graph, seed, cut) => {
        const targets = graph.populations.findIndex(({ name }) => name === graph.projections[0].target);
        const { size } = graph.populations[targets];
        const middle = Math.floor(cut * size);
        const slices = [
          { population: targets, begin: 0, end: middle },
          { population: targets, begin: middle, end: size },
        ].filter(({ begin, end }) => begin < end);
        const federates = slices.map((slice, index) => ({ index, name: `f${index}`, slices: [slice] }));
        const plan = { ...settingsOf(1, seed), federates, channels: [] };
        for (const { index } of federates) {
          const rows = groupsOf(graph, plan, index).flatMap(rowsOf);
          expect(sorted(rows)).toEqual(sorted(listedRows(graph, plan, index)));
        }
      }),
      { numRuns: 200 },
    );
  });

  it('are one where weight, port and quantum are the same, and take two bytes a synapse then', () => {
    const all = { kind: 'all_to_all' } as const;
    const graph = graphOf(
      [population('a', 'iaf_psc_exp', 10), population('b', 'iaf_psc_exp', 20)],
      [
        projection('a', 'a', { rule: all, weight: 2 }),
        projection('a', 'b', { rule: all, weight: 2, delayNs: 500_000 }),
        projection('b', 'a', { rule: all, weight: -3 }),
        projection('b', 'b', { rule: all, weight: { kind: 'uniform', low: 1, high: 2 } }),
      ],
    );
    const groups = groupsOf(graph, wholePlan(graph, settingsOf(1)), 0);
    const facts = groups.map(({ weight, stride, firstDelay, bins, base, records }) => ({
      weight,
      stride,
      delays: [firstDelay, firstDelay + bins - 1],
      base,
      synapses: records.length / stride,
    }));
    expect(facts).toEqual([
      { weight: 2, stride: 2, delays: [1, 5], base: 0, synapses: 300 },
      { weight: -3, stride: 2, delays: [1, 1], base: 30, synapses: 200 },
      { weight: undefined, stride: 6, delays: [1, 1], base: 0, synapses: 400 },
    ]);
    expect(groupBytes(groups[2])).toBe(6 * 400 + 4 * 21);
  });

  it('keep payloads of graded sources apart: their products are rounded when they are added', () => {
    const rule = { kind: 'all_to_all' } as const;
    const graph = graphOf(
      [
        population('g', 'spike_source', 2),
        population('s', 'spike_source', 2),
        population('t', 'iaf_psc_delta', 3),
      ],
      [projection('g', 't', { rule, weight: 0.1 }), projection('s', 't', { rule, weight: 0.1 })],
      [spikes('g', [[0, 0, 0.3]])],
    );
    const groups = groupsOf(graph, wholePlan(graph, settingsOf(1)), 0);
    expect(groups.map(({ quantum }) => quantum > 0)).toEqual([true, false]);
  });

  it('reach targets beyond 65,536 accumulators, each in its chunk', () => {
    const size = 140_001;
    const targets = Uint32Array.of(0, 65_535, 65_536, 65_537, 131_070, 131_071, 131_072, 140_000);
    const sources = new Uint32Array(targets.length);
    const rule = { kind: 'pairs', sources, targets } as const;
    // An odd block before: chunks are of accumulators, not of neurons.
    const graph = graphOf(
      [
        population('s', 'spike_source', 1),
        population('few', 'nir_output', 3),
        population('many', 'nir_output', size),
      ],
      [
        projection('s', 'many', { rule, weight: Float64Array.from(targets, (_, i) => i + 1) }),
        projection('s', 'many', { rule, weight: 0.5, name: 'again' }),
      ],
      [spikes('s', [[0, 0]])],
      [{ kind: 'state', population: 'many', variables: ['value'] }],
    );
    const plan = wholePlan(graph, settingsOf(3));
    const groups = groupsOf(graph, plan, 0);
    expect(groups.map(({ base, weight }) => [base, weight])).toEqual([
      [0, undefined],
      [65_536, undefined],
      [131_072, undefined],
      [0, 0.5],
      [65_536, 0.5],
      [131_072, 0.5],
    ]);
    expect(sorted(groups.flatMap(rowsOf))).toEqual(sorted(listedRows(graph, plan, 0)));
    const engine = buildEngine({ graph, plan, federate: 0 });
    engine.advance(3);
    const [{ values }] = engine.takeSamples();
    const second = values.subarray(size, 2 * size);
    expect([...targets].map((target) => second[target])).toEqual([1.5, 2.5, 3.5, 4.5, 5.5, 6.5, 7.5, 8.5]);
    expect(values.reduce((sum, value) => sum + value, 0)).toBe(36 + 4);
  });

  it('refuse delays that no table could hold, and say what would help', () => {
    const graph = graphOf(
      [population('s', 'poisson_source', 3), population('t', 'iaf_psc_delta', 3)],
      [projection('s', 't', { rule: { kind: 'one_to_one' }, delayNs: 65_536 * 100_000 })],
    );
    expect(() => groupsOf(graph, wholePlan(graph, settingsOf(1)), 0)).toThrow(
      /3 sources with delays from 65536 to 65536 steps .* use a larger dt or more workers/,
    );
  });
});
