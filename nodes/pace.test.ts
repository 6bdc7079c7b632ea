import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Histogram, Pacer } from './pace.js';

const MS = 1e6;

describe('pace', () => {
  it('lets software begin a window when its time begins, and a board end it when it ends', () => {
    const software = new Pacer({ speed: 1, dtNs: MS, startNs: 0 });
    const board = new Pacer({ speed: 1, dtNs: MS, startNs: 0, realTime: { lookAheadNs: 5 * MS } });
    for (const pacer of [software, board]) pacer.begin(100);
    expect(software.waitMs(10 * MS, 12 * MS, 104)).toBe(6);
    expect(board.waitMs(10 * MS, 12 * MS, 104)).toBe(13);
    expect([software.atNs(110), board.atNs(110), board.atNs(101)]).toEqual([10 * MS, 5 * MS, 0]);
  });

  it('goes slower and faster', () => {
    const pacer = new Pacer({ speed: 0.1, dtNs: MS, startNs: 50 * MS });
    pacer.begin(0);
    expect(pacer.waitMs(51 * MS, 52 * MS, 0)).toBe(10);
    expect(pacer.atNs(100)).toBe(60 * MS);
  });

  it('counts a stall as the deadlines that passed meanwhile', () => {
    const pacer = new Pacer({ speed: 1, dtNs: MS, startNs: 0, realTime: { lookAheadNs: 0 } });
    pacer.begin(0);
    for (let step = 0; step < 100; step++) {
      const endMs = step + 1;
      // Hangs for 50 ms at step 20, then makes up for it at once.
      const nowMs = step < 20 ? endMs + 0.1 : Math.max(endMs + 0.1, 71);
      pacer.ended(step * MS, endMs * MS, nowMs);
    }
    const report = pacer.report();
    // Steps 21 to 69 end more than a step late: the one at 70 is 1 ms late, no more than the tolerance.
    expect(report.missedDeadlines).toBe(49);
    expect(report.steps).toBe(100);
    expect(report.latenessUs.max).toBe(50_000);
    expect(report.lateness.reduce((sum, n) => sum + n, 0)).toBe(100);
  });

  it('counts them alike in long windows', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 0, max: 60 }), (steps, lateMs) => {
        const pacer = new Pacer({ speed: 1, dtNs: MS, startNs: 0, realTime: { lookAheadNs: 0 } });
        pacer.begin(0);
        pacer.ended(0, steps * MS, steps + lateMs);
        const late = Array.from({ length: steps }, (_, k) => steps + lateMs - (k + 1)).filter((ms) => ms > 1);
        expect(pacer.report().missedDeadlines).toBe(late.length);
      }),
    );
  });
});

describe('a histogram', () => {
  it('has quantiles within 1/32 of the true ones', () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: 1, max: 1e9, noNaN: true }), { minLength: 1 }), (values) => {
        const found = new Histogram();
        for (const value of values) found.add(value);
        const sorted = [...values].sort((a, b) => a - b);
        for (const q of [0.5, 0.99, 1]) {
          const exact = sorted[Math.ceil(q * sorted.length) - 1];
          expect(Math.abs(found.quantile(q) - exact)).toBeLessThanOrEqual(exact / 32);
        }
        expect(found.quantiles().max).toBe(sorted[sorted.length - 1]);
      }),
    );
  });

  it('keeps the smallest value that it tells apart', () => {
    const found = new Histogram();
    found.add(1);
    expect(found.quantiles()).toEqual({ p50: 1, p99: 1, max: 1 });
  });

  it('is empty at first', () => {
    expect(new Histogram().quantiles()).toEqual({ p50: 0, p99: 0, max: 0 });
  });
});
