import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  binomialProbabilities,
  chiSquareDeviate,
  histogram,
  hypergeometricProbabilities,
} from '../../test/support/statistics.js';
import { binomial, hypergeometric, logFactorial } from './discrete.js';
import { Stream } from './streams.js';
import { UniformSequence } from './uniform.js';

const DRAWS = 40_000;

function drawn(draw: (uniforms: UniformSequence) => number): number[] {
  const uniforms = new UniformSequence(4711, Stream.Split);
  return Array.from({ length: DRAWS }, (_, i) => draw(uniforms.begin(i, 0, 0)));
}

test('logFactorial', () => {
  let exact = 0;
  for (let k = 0; k < 400; k++) {
    if (k > 0) exact += Math.log(k);
    expect(logFactorial(k)).toBeCloseTo(exact, 10);
  }
});

describe('binomial', () => {
  test.each([
    [1, 0.5],
    [7, 0.3],
    [40, 0.05],
    [40, 0.95],
    [30, 0.5],
    [1000, 0.002],
    [200, 0.1],
    [500, 0.73],
    [10_000, 0.1],
    [25, 0.4],
  ])('n = %d, p = %d has the binomial distribution', (n, p) => {
    const counts = histogram(drawn((uniforms) => binomial(n, p, uniforms)));
    expect(counts.length).toBeLessThanOrEqual(n + 1);
    expect(chiSquareDeviate(counts, binomialProbabilities(n, p))).toBeLessThan(4);
  });

  test('moments for a billion trials', () => {
    for (const p of [3e-9, 0.25]) {
      const n = 1e9;
      const values = drawn((uniforms) => binomial(n, p, uniforms));
      const mean = values.reduce((a, b) => a + b, 0) / DRAWS;
      const variance = values.reduce((a, b) => a + (b - n * p) ** 2, 0) / DRAWS;
      expect(Math.abs(mean - n * p)).toBeLessThan(5 * Math.sqrt((n * p * (1 - p)) / DRAWS));
      expect(variance / (n * p * (1 - p))).toBeCloseTo(1, 1);
    }
  });

  test('stays in range, and certain outcomes are certain', () => {
    const uniforms = new UniformSequence(1, Stream.Split);
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 5_000_000 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.nat(),
        (n, p, entity) => {
          const k = binomial(n, p, uniforms.begin(entity, 1, 2));
          expect(Number.isInteger(k) && k >= 0 && k <= n).toBe(true);
          expect(binomial(n, 0, uniforms)).toBe(0);
          expect(binomial(n, 1, uniforms)).toBe(n);
        },
      ),
    );
  });
});

describe('hypergeometric', () => {
  test.each([
    [1, 1, 1],
    [5, 9, 6],
    [50, 50, 8],
    [9, 800, 300],
    [100, 100, 100],
    [300, 500, 200],
    [500, 300, 200],
    [300, 500, 650],
    [5000, 5000, 1000],
    [1250, 11_250, 1000],
  ])('%d good, %d bad, %d drawn', (good, bad, draws) => {
    const counts = histogram(drawn((uniforms) => hypergeometric(good, bad, draws, uniforms)));
    expect(chiSquareDeviate(counts, hypergeometricProbabilities(good, bad, draws))).toBeLessThan(4);
  });

  test('stays in range', () => {
    const uniforms = new UniformSequence(1, Stream.Split);
    fc.assert(
      fc.property(
        fc.nat(100_000),
        fc.nat(100_000),
        fc.nat(200_000),
        fc.nat(),
        (good, bad, wanted, entity) => {
          const draws = Math.min(wanted, good + bad);
          const k = hypergeometric(good, bad, draws, uniforms.begin(entity, 1, 2));
          expect(Number.isInteger(k)).toBe(true);
          expect(k).toBeGreaterThanOrEqual(Math.max(0, draws - bad));
          expect(k).toBeLessThanOrEqual(Math.min(good, draws));
        },
      ),
    );
  });
});
