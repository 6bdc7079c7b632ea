import { describe, expect, it } from 'vitest';
import { judge } from './soak-report.js';
import type { Sample } from './soak-samples.js';

const MINUTE_MS = 60_000;

/** One process for half an hour, sampled every 10 s. */
function samples(
  residentMb: (minute: number) => number,
  handles: (minute: number) => number,
  end: Partial<Sample> = {},
): Sample[] {
  return Array.from({ length: 181 }, (_, i) => {
    const minute = i / 6;
    const process = {
      role: 'w0',
      pid: 1,
      residentMb: residentMb(minute),
      handles: handles(minute),
      threads: 12,
    };
    const quiet = { connections: 2, subscriptions: 3, streams: 2, consumers: 0, messages: 0, storedRuns: 0 };
    const sample = { atMs: minute * MINUTE_MS, processes: [process], ...quiet, temporaryFiles: 0 };
    return i === 180 ? { ...sample, ...end } : sample;
  });
}

describe('a soak', () => {
  it('is well when memory only breathes, and a warm-up is no growth', () => {
    const warming = (minute: number): number =>
      100 + 60 * Math.min(minute / 2, 1) + 20 * Math.sin(minute * 7);
    expect(judge(samples(warming, () => 30)).problems).toEqual([]);
  });

  it('finds memory that grows', () => {
    const { problems, lives } = judge(
      samples(
        (minute) => 150 + 3 * minute,
        () => 30,
      ),
    );
    expect(problems).toEqual([
      expect.stringMatching(/^w0 \(1\) in 28\.0 minutes: memory grew from \d+ to \d+ MB$/),
    ]);
    expect(lives[0].residentMb.perMinute).toBeCloseTo(3, 6);
  });

  it('finds handles that are never closed', () => {
    const { problems } = judge(
      samples(
        () => 150,
        (minute) => 30 + minute,
      ),
    );
    expect(problems).toEqual([expect.stringContaining('handles grew from')]);
  });

  it('finds what is left when all runs are over', () => {
    const left = { connections: 5, streams: 3, messages: 1, storedRuns: 1, temporaryFiles: 21 };
    const { problems } = judge(
      samples(
        () => 150,
        () => 30,
        left,
      ),
    );
    expect(problems).toHaveLength(5);
  });

  it('is not well when nobody says what is left', () => {
    const { problems } = judge(
      samples(
        () => 150,
        () => 30,
        { storedRuns: -1 },
      ),
    );
    expect(problems).toEqual([expect.stringContaining('does not answer')]);
  });
});
