import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { power } from './power.js';

describe('power', () => {
  it('is within its stated error of the platform', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 1e-12, max: 1e12, noNaN: true }),
        fc.double({ min: -3, max: 3, noNaN: true }),
        (x, y) => {
          const found = power(x, y);
          const expected = x ** y;
          const bound = (3 + 1.5 * Math.abs(y * Math.log(x))) * 2 ** -52 + 2 ** -52;
          expect(Math.abs(found - expected) / expected).toBeLessThan(bound);
        },
      ),
      { numRuns: 20_000 },
    );
  });

  it('is exact where it should be', () => {
    fc.assert(fc.property(fc.double({ min: -1e3, max: 1e3, noNaN: true }), (y) => power(1, y) === 1));
    expect(power(0, 0.4)).toBe(0);
    expect(power(-1, 2)).toBe(0);
    expect(power(Number.NaN, 2)).toBe(0);
    expect(power(2, -1)).toBe(0.5);
    expect(power(1e300, 2)).toBe(Number.POSITIVE_INFINITY);
    expect(power(5, -1e9)).toBe(0);
    expect(power(2 ** -1060, 0.5) / 2 ** -530).toBeCloseTo(1, 12);
  });
});
