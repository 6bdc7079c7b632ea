import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { roundTo } from './synapses.js';

const anyExponent = fc.integer({ min: -900, max: 800 });

describe('rounding to a quantum', () => {
  it('is the nearest multiple, ties to even, of either sign', () => {
    expect([0.5, 1.5, 2.5, -0.5, -1.5, -2.5, 0.49, 0.51, -0.51].map((x) => roundTo(x, 1))).toEqual([
      0, 2, 2, 0, -2, -2, 0, 1, -1,
    ]);
    expect([0.3, -0.3, 0.125].map((x) => roundTo(x, 0.25))).toEqual([0.25, -0.25, 0]);
  });

  it('never gives a negative zero', () => {
    for (const x of [0, -0, -0.2, 0.2, -0.5]) expect(Object.is(roundTo(x, 1), 0)).toBe(true);
  });

  it('leaves multiples as they are, and moves others by half a quantum at most', () => {
    fc.assert(
      fc.property(anyExponent, fc.double({ min: -(2 ** 53), max: 2 ** 53, noNaN: true }), (e, units) => {
        const q = 2 ** e;
        const rounded = roundTo(units * q, q) / q;
        expect(Number.isInteger(rounded)).toBe(true);
        expect(Math.abs(rounded - units)).toBeLessThanOrEqual(0.5);
        expect(roundTo(rounded * q, q) / q).toBe(rounded);
        if (Math.abs(units - Math.trunc(units)) === 0.5) expect(rounded % 2 === 0).toBe(true);
      }),
      { numRuns: 500 },
    );
  });

  it('keeps a float32 a float32, so that drawn weights take four bytes', () => {
    fc.assert(
      fc.property(
        fc.float({ noNaN: true, noDefaultInfinity: true }),
        fc.integer({ min: -120, max: 40 }),
        (x, e) => {
          const rounded = roundTo(x, 2 ** e);
          expect(Math.fround(rounded)).toBe(rounded);
        },
      ),
      { numRuns: 500 },
    );
  });
});
