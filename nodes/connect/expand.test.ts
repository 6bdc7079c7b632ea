import { describe, expect, test } from 'vitest';
import { GraphError } from '../../graph/errors.js';
import type { Projection, Rule } from '../../graph/types.js';
import { oneProjection } from '../../test/support/projections.js';
import {
  binomialProbabilities,
  chiSquareDeviate,
  histogram,
  hypergeometricProbabilities,
} from '../../test/support/statistics.js';
import { binomialBound, boundsOf } from './bounds.js';
import type { SynapseColumns } from './columns.js';
import { expandProjection } from './expand.js';

const DT_NS = 100_000;

function expand(
  a: number,
  b: number,
  rule: Rule,
  more: Partial<Projection> = {},
  seed = 1234,
  dtNs = DT_NS,
): SynapseColumns {
  const graph = oneProjection({ a, b }, { ...more, rule });
  const size = more.target === 'a' ? a : b;
  return expandProjection({ graph, projection: 0, seed, dtNs }, { begin: 0, end: size });
}

function degrees(numbers: Uint32Array, size: number): number[] {
  const counts = new Array<number>(size).fill(0);
  for (const n of numbers) counts[n]++;
  return counts;
}

/** How often each of `size` outcomes should come when all are alike. */
function even(size: number): number[] {
  return new Array<number>(size).fill(1 / size);
}

describe('order of synapses and of listed values', () => {
  test('all_to_all: targets × sources, as NEST lays out its matrix of weights', () => {
    const weight = Float64Array.from([1, 2, 3, 4, 5, 6]);
    const { sources, targets, weights } = expand(3, 2, { kind: 'all_to_all' }, { weight });
    expect([...targets]).toEqual([0, 0, 0, 1, 1, 1]);
    expect([...sources]).toEqual([0, 1, 2, 0, 1, 2]);
    expect([...(weights as Float64Array)]).toEqual([1, 2, 3, 4, 5, 6]);
  });

  test('all_to_all without autapses leaves the diagonal of the matrix out', () => {
    const weight = Float64Array.from([1, 2, 3, 4, 5, 6, 7, 8, 9]);
    const columns = expand(3, 1, { kind: 'all_to_all' }, { weight, target: 'a', allowAutapses: false });
    expect([...columns.sources]).toEqual([1, 2, 0, 2, 0, 1]);
    expect([...(columns.weights as Float64Array)]).toEqual([2, 3, 4, 6, 7, 8]);
  });

  test('one_to_one within a population without autapses makes no synapse, as in NEST', () => {
    expect(expand(4, 1, { kind: 'one_to_one' }, { target: 'a', allowAutapses: false }).targets.length).toBe(
      0,
    );
    const { sources } = expand(4, 4, { kind: 'one_to_one' }, { delayNs: Float64Array.of(0, 1e5, 2e5, 3e5) });
    expect([...sources]).toEqual([0, 1, 2, 3]);
  });

  test('pairs: values by pair; a target keeps the order in which its pairs are listed', () => {
    const rule = {
      kind: 'pairs',
      sources: Uint32Array.of(2, 0, 1, 2),
      targets: Uint32Array.of(1, 0, 1, 1),
    } as const;
    const columns = expand(3, 2, rule, {
      weight: Float64Array.of(10, 20, 30, 40),
      delayNs: Float64Array.of(1e5, 2e5, 3e5, 0),
    });
    expect([...columns.targets]).toEqual([0, 1, 1, 1]);
    expect([...columns.sources]).toEqual([0, 2, 1, 2]);
    expect([...(columns.weights as Float64Array)]).toEqual([20, 10, 30, 40]);
    expect([...(columns.delaySteps as Uint16Array)]).toEqual([2, 1, 3, 0]);
  });

  test('fixed_indegree: targets × indegree', () => {
    const weight = Float64Array.from({ length: 6 }, (_, i) => i);
    const graph = oneProjection({ a: 5, b: 3 }, { rule: { kind: 'fixed_indegree', indegree: 2 }, weight });
    const part = expandProjection({ graph, projection: 0, seed: 1, dtNs: DT_NS }, { begin: 1, end: 3 });
    expect([...part.targets]).toEqual([1, 1, 2, 2]);
    expect([...(part.weights as Float64Array)]).toEqual([2, 3, 4, 5]);
  });

  test('dense: zeros are no synapses, the weight is a factor', () => {
    const columns = expand(2, 2, { kind: 'dense', matrix: Float64Array.of(0, 1.5, -2, 0) }, { weight: 2 });
    expect([...columns.sources]).toEqual([1, 0]);
    expect([...columns.targets]).toEqual([0, 1]);
    expect([...(columns.weights as Float64Array)]).toEqual([3, -4]);
  });

  test('conv: cross-correlation as PyTorch computes it', () => {
    // conv1d of [1, 2, 3, 4] with kernel [10, 20, 30], padding 1: [80, 140, 200, 110].
    const rule = {
      kind: 'conv',
      kernel: Float64Array.of(10, 20, 30),
      kernelShape: [3],
      inChannels: 1,
      outChannels: 1,
      inputShape: [4],
      stride: [1],
      padding: [[1, 1]],
      dilation: [1],
      groups: 1,
    } as const;
    const { sources, targets, weights } = expand(4, 4, rule);
    const out = [0, 0, 0, 0];
    targets.forEach((t, i) => {
      out[t] += (weights as Float64Array)[i] * (sources[i] + 1);
    });
    expect(out).toEqual([80, 140, 200, 110]);
  });

  test('conv: two dimensions, groups, stride, dilation and padding against the defining sum', () => {
    const [H, W, KH, KW, SH, SW, PH, PW, DH, DW] = [5, 6, 2, 3, 2, 1, 1, 2, 1, 2];
    const [OH, OW] = [
      Math.floor((H + 2 * PH - DH * (KH - 1) - 1) / SH) + 1,
      Math.floor((W + 2 * PW - DW * (KW - 1) - 1) / SW) + 1,
    ];
    const kernel = Float64Array.from({ length: 4 * 2 * KH * KW }, (_, i) => i + 1);
    const input = Float64Array.from({ length: 4 * H * W }, (_, i) => ((i * 7) % 11) - 5);
    const rule = {
      kind: 'conv',
      kernel,
      kernelShape: [KH, KW],
      inChannels: 4,
      outChannels: 4,
      inputShape: [H, W],
      stride: [SH, SW],
      padding: [
        [PH, PH],
        [PW, PW],
      ],
      dilation: [DH, DW],
      groups: 2,
    } as const;
    const { sources, targets, weights } = expand(input.length, 4 * OH * OW, rule);
    const out = new Float64Array(4 * OH * OW);
    targets.forEach((t, i) => {
      out[t] += (weights as Float64Array)[i] * input[sources[i]];
    });
    const at = (c: number, y: number, x: number): number =>
      y < 0 || y >= H || x < 0 || x >= W ? 0 : input[(c * H + y) * W + x];
    for (let o = 0; o < 4; o++) {
      for (let y = 0; y < OH; y++) {
        for (let x = 0; x < OW; x++) {
          let sum = 0;
          for (let c = 0; c < 2; c++) {
            for (let ky = 0; ky < KH; ky++) {
              for (let kx = 0; kx < KW; kx++) {
                const value = at(Math.floor(o / 2) * 2 + c, y * SH - PH + ky * DH, x * SW - PW + kx * DW);
                sum += kernel[((o * 2 + c) * KH + ky) * KW + kx] * value;
              }
            }
          }
          expect(out[(o * OH + y) * OW + x]).toBe(sum);
        }
      }
    }
  });
});

describe('distributions of drawn connectivity', () => {
  test('fixed_indegree: sources are uniform, with and without multapses', () => {
    const many = expand(50, 1000, { kind: 'fixed_indegree', indegree: 40 });
    expect(chiSquareDeviate(degrees(many.sources, 50), even(50))).toBeLessThan(4);
    for (const indegree of [10, 40]) {
      const once = expand(50, 2000, { kind: 'fixed_indegree', indegree }, { allowMultapses: false });
      const counts = degrees(once.sources, 50);
      // Drawn without replacement, counts spread less than Poisson: only too much of it is wrong.
      expect(chiSquareDeviate(counts, even(50))).toBeLessThan(4);
      expect(Math.min(...counts)).toBeGreaterThan(0);
    }
  });

  test('fixed_indegree without autapses: the others are uniform', () => {
    const { sources, targets } = expand(
      20,
      1,
      { kind: 'fixed_indegree', indegree: 500 },
      { target: 'a', allowAutapses: false },
    );
    const offsets = targets.map((t, i) => (sources[i] - t + 20) % 20);
    const counts = degrees(offsets, 20);
    expect(counts[0]).toBe(0);
    expect(chiSquareDeviate(counts.slice(1), even(19))).toBeLessThan(4);
  });

  test('fixed_probability: in- and outdegrees are binomial', () => {
    const { sources, targets } = expand(300, 4000, { kind: 'fixed_probability', p: 0.07 });
    expect(
      chiSquareDeviate(histogram(degrees(targets, 4000)), binomialProbabilities(300, 0.07)),
    ).toBeLessThan(4);
    expect(chiSquareDeviate(degrees(sources, 300), even(300))).toBeLessThan(4);
    const transposed = expand(4000, 300, { kind: 'fixed_probability', p: 0.07 });
    const out = histogram(degrees(transposed.sources, 4000));
    expect(chiSquareDeviate(out, binomialProbabilities(300, 0.07))).toBeLessThan(4);
  });

  test('fixed_total_number: indegrees are binomial with multapses, hypergeometric without', () => {
    const n = 30_000;
    const { sources, targets } = expand(40, 1500, { kind: 'fixed_total_number', n });
    expect(targets.length).toBe(n);
    expect(
      chiSquareDeviate(histogram(degrees(targets, 1500)), binomialProbabilities(n, 1 / 1500)),
    ).toBeLessThan(4);
    expect(chiSquareDeviate(degrees(sources, 40), even(40))).toBeLessThan(4);
    const apart = expand(40, 1500, { kind: 'fixed_total_number', n }, { allowMultapses: false });
    const expected = hypergeometricProbabilities(40, 40 * 1499, n);
    expect(chiSquareDeviate(histogram(degrees(apart.targets, 1500)), expected)).toBeLessThan(4);
  });

  test.each([true, false])('fixed_outdegree: targets are uniform (multapses %s)', (allowMultapses) => {
    const rule = { kind: 'fixed_outdegree', outdegree: 60 } as const;
    const { sources, targets } = expand(2000, 200, rule, { allowMultapses });
    expect(new Set(degrees(sources, 2000))).toEqual(new Set([60]));
    const indegrees = degrees(targets, 200);
    const mean = 600;
    const variance = 2000 * (allowMultapses ? 60 / 200 : 0.3 * 0.7);
    const spread = indegrees.reduce((sum, d) => sum + (d - mean) ** 2, 0) / 200 / variance;
    // A chi-square over its 200 degrees of freedom: 1 ± 0.1.
    expect(Math.abs(spread - 1)).toBeLessThan(0.4);
    // Which pair of leaves a source's synapses fall into must not depend on the source.
    const near = targets.filter((t, i) => t % 10 === sources[i] % 10).length;
    expect(Math.abs(near - 12_000)).toBeLessThan(5 * Math.sqrt(12_000 * 0.9));
  });

  test('fixed_outdegree without autapses: the others are uniform', () => {
    const rule = { kind: 'fixed_outdegree', outdegree: 400 } as const;
    const { sources, targets } = expand(20, 1, rule, { target: 'a', allowAutapses: false });
    const counts = degrees(
      targets.map((t, i) => (t - sources[i] + 20) % 20),
      20,
    );
    expect(counts[0]).toBe(0);
    expect(chiSquareDeviate(counts.slice(1), even(19))).toBeLessThan(4);
  });

  test('weights and delays have their distribution, clipped and on the grid', () => {
    const { weights, delaySteps } = expand(
      100,
      200,
      { kind: 'fixed_indegree', indegree: 100 },
      {
        weight: { kind: 'normal', mean: 87.8, std: 8.78, min: 70 },
        delayNs: { kind: 'normal', mean: 1_500_000, std: 750_000 },
      },
    );
    const w = weights as Float32Array;
    expect(w).toBeInstanceOf(Float32Array);
    expect(Math.min(...w)).toBe(70);
    expect(Math.abs(w.reduce((a, b) => a + b, 0) / w.length - 87.8)).toBeLessThan(0.3);
    const d = delaySteps as Uint16Array;
    expect(d).toBeInstanceOf(Uint16Array);
    expect(Math.min(...d)).toBe(1);
    expect(Math.abs(d.reduce((a, b) => a + b, 0) / d.length - 15.05)).toBeLessThan(0.3);
  });

  test('seed and projection number make a difference', () => {
    const rule = { kind: 'fixed_indegree', indegree: 10 } as const;
    const one = expand(100, 10, rule, {}, 1).sources;
    expect(expand(100, 10, rule, {}, 1).sources).toEqual(one);
    expect(expand(100, 10, rule, {}, 2).sources).not.toEqual(one);
    const graph = oneProjection({ a: 100, b: 10 }, { rule });
    const twice = { ...graph, projections: [graph.projections[0], { ...graph.projections[0], name: 'q' }] };
    const second = expandProjection(
      { graph: twice, projection: 1, seed: 1, dtNs: DT_NS },
      { begin: 0, end: 10 },
    );
    expect(second.sources).not.toEqual(one);
  });
});

describe('bounds', () => {
  test('a binomial count exceeds its bound with negligible probability, and not by much more than it has to', () => {
    for (const [n, p] of [
      [10_000, 0.1],
      [77_169, 0.001],
      [50, 0.5],
      [1e9, 1e-6],
    ]) {
      const bound = binomialBound(n, p);
      const sigma = Math.sqrt(n * p * (1 - p));
      expect(bound).toBeLessThanOrEqual(n);
      expect(bound).toBeLessThan(n * p + 11.4 * sigma + 45);
      if (bound < n) expect(bound).toBeGreaterThan(n * p + 8.5 * sigma);
    }
  });

  test('drawn delays: the smallest is what clipping and the grid leave', () => {
    const delay = (delayNs: Projection['delayNs']): [number, number] => {
      const graph = oneProjection({ a: 2, b: 2 }, { rule: { kind: 'all_to_all' }, delayNs });
      const bounds = boundsOf(graph, graph.projections[0], DT_NS);
      return [bounds.minDelaySteps, bounds.maxDelaySteps];
    };
    expect(delay({ kind: 'uniform', low: 120_000, high: 1_990_000 })).toEqual([1, 20]);
    expect(delay({ kind: 'normal', mean: 1e6, std: 1e6, min: 7e5, max: 2e6 })).toEqual([7, 20]);
    expect(delay({ kind: 'normal', mean: 1.5e6, std: 7.5e5 })[0]).toBe(1);
    expect(delay(Float64Array.of(3e5, 2e5, 9e5, 4e5))).toEqual([2, 9]);
    expect(delay(0)).toEqual([0, 0]);
  });

  test('stated weights: the largest sum of one target', () => {
    const rule = {
      kind: 'pairs',
      sources: Uint32Array.of(0, 1, 1),
      targets: Uint32Array.of(0, 0, 1),
    } as const;
    const graph = oneProjection({ a: 2, b: 2 }, { rule, weight: Float64Array.of(1, -2, 2.5) });
    expect(boundsOf(graph, graph.projections[0], DT_NS)).toMatchObject({
      expectedSynapses: 3,
      maxIndegree: 2,
      maxAbsWeight: 2.5,
      maxWeightSum: 3,
    });
  });
});

describe('what cannot be', () => {
  const rejects = (a: number, b: number, rule: Rule, more: Partial<Projection>, message: RegExp): void => {
    expect(() => expand(a, b, rule, more)).toThrow(GraphError);
    expect(() => expand(a, b, rule, more)).toThrow(message);
  };

  test('is a GraphError that names the projection', () => {
    const apart = { allowMultapses: false };
    rejects(3, 3, { kind: 'fixed_indegree', indegree: 4 }, apart, /projections\[0\].*found 4.*at most 3/);
    rejects(3, 3, { kind: 'fixed_outdegree', outdegree: 4 }, apart, /outdegree.*found 4.*at most 3/);
    rejects(3, 3, { kind: 'fixed_total_number', n: 10 }, apart, /N.*found 10.*at most 9/);
    const none = { target: 'a', allowAutapses: false };
    rejects(1, 1, { kind: 'fixed_indegree', indegree: 1 }, none, /at most 0/);
    const list = { weight: Float64Array.of(1, 2) };
    rejects(3, 3, { kind: 'one_to_one' }, list, /weight: found 2 elements, expected 3/);
    rejects(3, 3, { kind: 'fixed_total_number', n: 2 }, list, /no order of synapses/);
    rejects(3, 3, { kind: 'one_to_one' }, { delayNs: 150_000 }, /delay: found 150000 ns.*multiple of dt/);
    rejects(1, 1, { kind: 'dense', matrix: Float64Array.of(1) }, list, /weight: found a list/);
  });
});
