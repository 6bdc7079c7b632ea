import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { arrivalClock } from './arrivals.js';

describe("a device's clock", () => {
  test('is found through delays of any kind, with its drift', () => {
    const arrival = fc.tuple(
      fc.double({ min: 1000, max: 100_000, noNaN: true }),
      fc.double({ min: 0, max: 1, noNaN: true }),
    );
    fc.assert(
      fc.property(
        fc.integer({ min: -300, max: 300 }),
        fc.integer({ min: -1e9, max: 1e9 }),
        fc.array(arrival, { minLength: 400, maxLength: 400 }),
        (ppm, offset, steps) => {
          const clock = arrivalClock();
          let now = 0;
          let worst = 0;
          for (const [i, [step, jitter]] of steps.entries()) {
            now += step;
            const stamp = now * (1 + ppm * 1e-6) + offset;
            // 200 us at least, often 5 ms more.
            const mapped = clock.sample(stamp, now + 200 + (i % 8 === 0 ? 0 : jitter * 5000));
            if (now > 8e6) worst = Math.max(worst, Math.abs(mapped - now - 200));
          }
          if (now < 10e6) return;
          expect(worst).toBeLessThan(2500);
          expect(Math.abs(clock.estimate().driftPpm - ppm)).toBeLessThan(200);
        },
      ),
      { numRuns: 30 },
    );
  });
});
