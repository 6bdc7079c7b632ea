import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ClockSync } from './clock.js';

/** Exchanges with a board whose clock reads (host − offset) · (1 + ppm). */
function exchanges(
  offsetNs: number,
  ppm: number,
  delays: readonly (readonly [number, number])[],
  everyNs: number,
) {
  const board = (hostNs: number): number => (hostNs - offsetNs) * (1 + ppm * 1e-6);
  return {
    board,
    list: delays.map(([there, back], i) => {
      const sentNs = 1e9 + i * everyNs;
      return { sentNs, boardNs: board(sentNs + there), receivedNs: sentNs + there + back };
    }),
  };
}

const delay = fc.integer({ min: 20_000, max: 5_000_000 });

describe('the clock of a board', () => {
  it('is known within what the best exchanges can be wrong, for any offset, drift and delays', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: -1e12, max: 1e12 }),
        fc.double({ min: -200, max: 200, noNaN: true }),
        fc.array(fc.tuple(delay, delay), { minLength: 1, maxLength: 120 }),
        (offsetNs, ppm, delays) => {
          const { board, list } = exchanges(offsetNs, ppm, delays, 10_000_000);
          const sync = new ClockSync();
          for (const each of list) sync.add(each);
          const { errorNs } = sync.estimate!;
          for (const { sentNs } of list) {
            // Over one exchange's worth of time a drift of the largest size adds this.
            const slack = list.length * 10_000_000 * 500e-6 * (list.length < 2 ? 1 : 0) + 10;
            expect(Math.abs(sync.hostNs(board(sentNs)) - sentNs)).toBeLessThanOrEqual(errorNs * 3 + slack);
            expect(Math.abs(sync.boardNs(sync.hostNs(board(sentNs))) - board(sentNs))).toBeLessThan(1);
          }
        },
      ),
      { numRuns: 300 },
    );
  });

  it('is known to microseconds and parts of a ppm when some exchanges are quick', () => {
    fc.assert(
      fc.property(
        fc.double({ min: -150, max: 150, noNaN: true }),
        fc.array(fc.tuple(delay, delay), { minLength: 200, maxLength: 256 }),
        (ppm, delays) => {
          const quick = delays.map(([there, back], i) =>
            i % 10 === 0 ? ([20_000, 21_000] as const) : ([there, back] as const),
          );
          const { board, list } = exchanges(5e9, ppm, quick, 100_000_000);
          const sync = new ClockSync();
          for (const each of list) sync.add(each);
          expect(sync.estimate!.driftPpm).toBeCloseTo(ppm, 1);
          const last = list[list.length - 1].sentNs;
          expect(Math.abs(sync.hostNs(board(last)) - last)).toBeLessThan(3000);
        },
      ),
      { numRuns: 50 },
    );
  });

  it('takes no exchange that can not have been', () => {
    const sync = new ClockSync();
    sync.add({ sentNs: 100, boardNs: 7, receivedNs: 50 });
    sync.add({ sentNs: 100, boardNs: 7, answeredNs: 3, receivedNs: 200 });
    sync.add({ sentNs: 100, boardNs: 7, answeredNs: 500, receivedNs: 200 });
    expect(sync.estimate).toBeUndefined();
    expect(() => sync.hostNs(1)).toThrow(RangeError);
    sync.add({ sentNs: 100, boardNs: 7, receivedNs: 200 });
    expect(sync.hostNs(7)).toBe(150);
    expect(sync.estimate).toMatchObject({ rate: 1, errorNs: 50, samples: 1 });
  });

  it('forgets what is old', () => {
    const sync = new ClockSync({ window: 16 });
    const before = exchanges(0, 0, Array(50).fill([50_000, 50_000]), 1e7);
    for (const each of before.list) sync.add(each);
    const after = exchanges(9e9, 0, Array(16).fill([50_000, 50_000]), 1e7);
    for (const each of after.list) sync.add(each);
    expect(sync.estimate!.samples).toBe(16);
    expect(sync.hostNs(after.board(1.1e9))).toBeCloseTo(1.1e9, -1);
  });
});
