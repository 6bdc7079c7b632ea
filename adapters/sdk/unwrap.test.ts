import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { sequenceWatch, unwrapper } from './unwrap.js';

describe('counters that wrap', () => {
  test('are whole again, whatever overtakes what within half a turn', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 3, max: 32 }),
        fc.integer({ min: 0, max: 2 ** 40 }),
        fc.array(fc.double({ min: -0.49, max: 0.49, noNaN: true }), { maxLength: 50 }),
        (bits, start, jumps) => {
          const turn = 2 ** bits;
          const counter = unwrapper(bits);
          const base = start - (start % turn);
          expect(counter.next(start % turn)).toBe(start - base);
          let now = start;
          for (const jump of jumps) {
            now = Math.max(base, now + Math.trunc(jump * turn));
            expect(counter.next(now % turn)).toBe(now - base);
          }
        },
      ),
    );
  });

  test('tell what was lost, and what is late or double', () => {
    const watch = sequenceWatch(8);
    expect([254, 255, 1, 0, 1, 5].map((n) => watch.next(n))).toEqual([
      { lost: 0, late: false },
      { lost: 0, late: false },
      { lost: 1, late: false },
      { lost: 0, late: true },
      { lost: 0, late: true },
      { lost: 3, late: false },
    ]);
  });
});
