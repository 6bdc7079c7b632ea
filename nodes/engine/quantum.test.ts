import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Graph, Projection } from '../../graph/types.js';
import { DT_NS, graphOf, population, projection, spikes } from '../../test/determinism/build.js';
import { boundsOf, expandProjection } from '../connect/index.js';
import { largestPoissonCount, poissonTable } from '../random/index.js';
import { quantaOf } from './quantum.js';

function pairsOf(weights: readonly number[]): Projection['rule'] {
  return {
    kind: 'pairs',
    sources: new Uint32Array(weights.length),
    targets: new Uint32Array(weights.length),
  };
}

/** All weights onto one neuron of a model with one port. */
function oneNeuron(weights: readonly number[], stimuli: Graph['stimuli'] = []): Graph {
  return graphOf(
    [population('s', 'spike_source', 1), population('t', 'iaf_psc_delta', 1)],
    [projection('s', 't', { rule: pairsOf(weights), weight: Float64Array.from(weights) })],
    stimuli,
  );
}

const quantumOf = (graph: Graph): number => quantaOf(graph, DT_NS).of[1][0];

describe('the quantum of an accumulator', () => {
  it('is 2^-52 of the next power of two at or above the bound', () => {
    // What is exactly a power of two gets the next one: room for rounding.
    expect(quantumOf(oneNeuron([1]))).toBe(2 ** -51);
    expect(quantumOf(oneNeuron([1 - 2 ** -20]))).toBe(2 ** -52);
    expect(quantumOf(oneNeuron([1 + 2 ** -20]))).toBe(2 ** -51);
    expect(quantumOf(oneNeuron([1.5, -1.5]))).toBe(2 ** -50);
    expect(quantumOf(oneNeuron([0.25, 0.25, -0.4]))).toBe(2 ** -52);
    for (let e = -800; e <= 800; e += 40) {
      expect(quantumOf(oneNeuron([2 ** e]))).toBe(2 ** (e + 1 - 52));
      expect(quantumOf(oneNeuron([2 ** e * 0.999]))).toBe(2 ** (e - 52));
    }
  });

  it('is 1 where nothing arrives, and the smallest float64 where only the tiniest does', () => {
    expect(quantumOf(oneNeuron([]))).toBe(1);
    expect(quantumOf(oneNeuron([0]))).toBe(1);
    expect(quantumOf(oneNeuron([5e-324, 0]))).toBe(2 ** -1074);
    expect(quantumOf(oneNeuron([2 ** -1030]))).toBe(2 ** -1074);
    expect(quantumOf(oneNeuron([2 ** -1020]))).toBe(2 ** -1071);
  });

  it('counts payloads, most events of a neuron in a step, and Poisson input', () => {
    const graph = graphOf(
      [population('s', 'spike_source', 2), population('t', 'iaf_psc_delta', 2)],
      [projection('s', 't', { rule: { kind: 'all_to_all' }, weight: -2 })],
      [
        spikes('s', [
          [3, 0, 1.5],
          [4, 1, -5],
          [4, 1, 2],
          [4, 1, 2],
        ]),
        spikes('s', [[4, 1]]),
        { kind: 'poisson', name: 'p', target: 't', rateHz: 5000, weight: -0.5, delayNs: 0 },
      ],
    );
    // Two sources, each at most (5 + 1) × 3 repeats.
    const most = 2 * 2 * (5 + 1) * 3 + 0.5 * largestPoissonCount(0.5);
    expect(quantumOf(graph)).toBe(2 ** (Math.ceil(Math.log2(most)) - 52));
  });

  it('of a port is about what arrives there; a projection without receptor may reach both ports', () => {
    const graph = graphOf(
      [population('s', 'poisson_source', 4), population('t', 'iaf_psc_exp', 3)],
      [
        projection('s', 't', { rule: { kind: 'all_to_all' }, weight: 3, receptor: 'ex' }),
        projection('s', 't', { rule: { kind: 'one_to_one' }, weight: -100, receptor: 'in' }),
      ],
    );
    expect(quantaOf(graph, DT_NS).of[1]).toEqual([2 ** (4 - 52), 2 ** (7 - 52)]);
    const [by] = graph.projections;
    const free = { ...graph, projections: [{ ...by, receptor: undefined }] };
    const quanta = quantaOf(free, DT_NS);
    expect(quanta.of[1]).toEqual([2 ** (4 - 52), 2 ** (4 - 52)]);
    expect([quanta.portOf(1, undefined), quanta.portOf(1, 'in')]).toEqual(['by_sign', 1]);
  });

  it('does not count signals, which the neuron adds itself', () => {
    const graph = graphOf(
      [population('s', 'nir_li', 4, { params: { tau: 0.01 } }), population('t', 'nir_output', 3)],
      [projection('s', 't', { rule: { kind: 'all_to_all' }, weight: 1000 })],
    );
    expect(quantaOf(graph, DT_NS).of[1]).toEqual([1]);
  });

  it.each([[1e300, 1e300], [Number.MAX_VALUE, Number.MAX_VALUE], [2 ** 900 * 1.1]])(
    'refuses what cannot be bounded, naming the population: %j',
    (...weights) => {
      expect(() => quantumOf(oneNeuron(weights))).toThrow(
        /^populations\.t: input in one step can reach .*; expected a finite bound: clip its weights or payloads$/,
      );
    },
  );

  it('bounds every sum that can occur: 2^52 quanta at most, whatever the rule', () => {
    const rule = fc.oneof(
      fc.record({ kind: fc.constant('fixed_indegree' as const), indegree: fc.integer({ min: 0, max: 60 }) }),
      fc.record({
        kind: fc.constant('fixed_probability' as const),
        p: fc.double({ min: 0, max: 1, noNaN: true }),
      }),
      fc.record({ kind: fc.constant('fixed_total_number' as const), n: fc.integer({ min: 0, max: 300 }) }),
      fc.record({ kind: fc.constant('all_to_all' as const) }),
    );
    const weight = fc.oneof(
      fc.double({ min: -1e6, max: 1e6, noNaN: true }),
      fc.record({
        kind: fc.constant('normal' as const),
        mean: fc.float({ noNaN: true, min: -10, max: 10 }),
        std: fc.constant(4),
      }),
      fc.record({ kind: fc.constant('lognormal' as const), mu: fc.constant(0), sigma: fc.constant(2) }),
    );
    fc.assert(
      fc.property(rule, weight, fc.nat(), (one, w, seed) => {
        const graph = graphOf(
          [population('s', 'poisson_source', 20), population('t', 'iaf_psc_delta', 7)],
          [projection('s', 't', { rule: one, weight: w })],
        );
        const q = quantumOf(graph);
        const columns = expandProjection({ graph, projection: 0, seed, dtNs: DT_NS }, { begin: 0, end: 7 });
        const sums = new Float64Array(7);
        columns.targets.forEach((target, i) => {
          const each = typeof columns.weights === 'number' ? columns.weights : columns.weights[i];
          sums[target] += Math.abs(each);
        });
        for (const sum of sums) expect(sum / q).toBeLessThanOrEqual(2 ** 52);
        // And it isn't far too large.
        const { maxWeightSum } = boundsOf(graph, graph.projections[0], DT_NS);
        if (maxWeightSum > 1e-290) expect(maxWeightSum / q).toBeGreaterThan(2 ** 50);
      }),
      { numRuns: 200 },
    );
  });

  it('bounds the counts of every table of a Poisson input, for every rate up to the largest', () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 1e5, noNaN: true }), (mean) => {
        expect(poissonTable(mean).largest).toBeLessThanOrEqual(largestPoissonCount(mean));
      }),
      { numRuns: 50 },
    );
  });
});
