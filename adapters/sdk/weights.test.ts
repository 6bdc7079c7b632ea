import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bitsNeeded, exponentOf, quantised, sharedExponent } from './weights.js';

describe('weights of few bits', () => {
  it('knows the power of two that a number is a multiple of', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (x) => {
        if (x === 0) return;
        const e = exponentOf(x);
        // In two steps, since 2^-1074 has no reciprocal.
        const whole = x / 2 ** Math.ceil(e / 2) / 2 ** Math.floor(e / 2);
        expect(Math.abs(whole) % 2).toBe(1);
      }),
    );
    expect([exponentOf(12), exponentOf(0.75), exponentOf(5e-324), exponentOf(0)]).toEqual([
      2,
      -2,
      -1074,
      Infinity,
    ]);
  });

  it('counts bits exactly', () => {
    expect(bitsNeeded([1, 2, 255], false)).toBe(8);
    expect(bitsNeeded([1, -128, 127], true)).toBe(9);
    expect(bitsNeeded([256], false)).toBe(1);
    expect(bitsNeeded([256, 1], false)).toBe(9);
    expect(bitsNeeded([-1], false)).toBe(Infinity);
    expect(bitsNeeded([0.1], true)).toBeGreaterThan(50);
    expect([bitsNeeded([], true), bitsNeeded([0, 0], false)]).toEqual([1, 0]);
  });

  it('rounds to what fits, by no more than half a unit, and once is enough', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: -1e6, max: 1e6, noNaN: true }), { minLength: 1, maxLength: 50 }),
        fc.integer({ min: 2, max: 16 }),
        (weights, bits) => {
          const exponent = sharedExponent(weights, { bits, signed: true });
          const rounded = weights.map((w) => quantised(w, exponent));
          expect(bitsNeeded(rounded, true)).toBeLessThanOrEqual(bits);
          rounded.forEach((r, i) => {
            expect(Math.abs(r - weights[i])).toBeLessThanOrEqual(2 ** exponent / 2);
            expect(quantised(r, exponent)).toBe(r);
          });
        },
      ),
    );
  });

  it('is there for the smallest numbers, too', () => {
    expect(sharedExponent([Number.MIN_VALUE], { bits: 8, signed: true })).toBe(-1074);
    expect(sharedExponent([0, -2 * Number.MIN_VALUE], { bits: 2, signed: true })).toBe(-1073);
  });
});
