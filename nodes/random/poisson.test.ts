import fc from 'fast-check';
import { expect, test } from 'vitest';
import { chiSquareDeviate, histogram, poissonProbabilities } from '../../test/support/statistics.js';
import { largestPoissonCount, poissonTable } from './poisson.js';
import { Stream, words4 } from './streams.js';

function counts(mean: number, blocks: number): number[] {
  const table = poissonTable(mean);
  const words = new Uint32Array(4);
  const values: number[] = [];
  for (let i = 0; i < blocks; i++) {
    words4(words, 99, Stream.PoissonStimulus, i, 0, 0, 0);
    for (const half of new Uint16Array(words.buffer))
      values.push(table.count(half, () => Math.imul(half, 40503) >>> 0));
  }
  return histogram(values);
}

test.each([0.01, 0.5, 2, 17.3, 400])('counts of mean %d are Poisson', (mean) => {
  const length = Math.ceil(mean + 12 * Math.sqrt(mean) + 20);
  expect(chiSquareDeviate(counts(mean, 10_000), poissonProbabilities(mean, length))).toBeLessThan(4);
});

test('a value gives the smallest count whose cumulative probability exceeds it', () => {
  const table = poissonTable(1);
  const threshold = Math.ceil(Math.exp(-1) * 2 ** 48 - 0.5);
  const count = (value: number): number => table.count(Math.floor(value / 2 ** 32), () => value % 2 ** 32);
  expect(count(0)).toBe(0);
  expect(count(threshold - 1)).toBe(0);
  expect(count(threshold)).toBe(1);
  expect(count(2 ** 48 - 1)).toBe(table.largest);
  expect(table.largest).toBe(16);
});

test('finer bits are asked for only where the half does not decide', () => {
  const table = poissonTable(2);
  let asked = 0;
  for (let half = 0; half < 65536; half++) {
    table.count(half, () => {
      asked++;
      return 0;
    });
  }
  expect(asked).toBe(new Set(table.high).size);
});

test('no count without a rate', () => {
  expect(poissonTable(0).count(0xffff, () => 0xffffffff)).toBe(0);
  expect(largestPoissonCount(0)).toBe(0);
  expect(() => poissonTable(Number.NaN)).toThrow(RangeError);
  expect(() => poissonTable(-1)).toThrow(RangeError);
});

test('the stated largest count bounds every table of a smaller mean; counts rise with the word', () => {
  fc.assert(
    fc.property(
      fc.double({ min: 0, max: 5000, noNaN: true }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      fc.array(fc.integer({ min: 0, max: 0xffffffff }), { minLength: 2, maxLength: 20 }),
      (mean, share, words) => {
        const table = poissonTable(mean * share);
        expect(table.largest).toBeLessThanOrEqual(largestPoissonCount(mean));
        expect(table.count(0xffff, () => 0xffffffff)).toBe(table.largest);
        expect(table.count(0, () => 0)).toBe(table.first);
        const found = words
          .sort((a, b) => a - b)
          .map((word) => table.count(word >>> 16, () => (word << 16) >>> 0));
        expect(found).toEqual([...found].sort((a, b) => a - b));
      },
    ),
    { numRuns: 60 },
  );
});
