import { beforeAll, describe, expect, it } from 'vitest';
import { distanceFromNest, mean, readBrunelStatistics, runBrunel } from '../peers/nest/brunel.js';

const statistics = readBrunelStatistics();
const golden = statistics.networks.small;
const SEEDS = [1, 2, 3];

describe("Brunel's network, small, against NEST's spread over seeds", () => {
  let runs: ReturnType<typeof runBrunel>[];
  beforeAll(() => {
    runs = SEEDS.map((seed) => runBrunel(golden, seed, statistics));
  }, 300_000);

  it.each([
    ['exc', 'rateHz'],
    ['exc', 'cv'],
    ['inh', 'rateHz'],
    ['inh', 'cv'],
  ] as const)('%s %s', (kind, what) => {
    const values = runs.map((run) => run[kind][what]);
    for (const value of values) expect(distanceFromNest(golden, kind, what, value)).toBeLessThan(4);
    // The mean of our seeds is closer to NEST's than one run has to be.
    expect(distanceFromNest(golden, kind, what, mean(values))).toBeLessThan(2);
  });

  it('is irregular and asynchronous enough to say something, and would notice a rate 10 % off', () => {
    expect(golden.runs.length).toBe(10);
    const nest = golden.runs.map((run) => run.exc.rateHz);
    expect(mean(nest)).toBeGreaterThan(5);
    expect(distanceFromNest(golden, 'exc', 'rateHz', 1.1 * mean(nest))).toBeGreaterThan(4);
  });
});
