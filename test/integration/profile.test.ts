import { describe, expect, it } from 'vitest';
import { runEmbedded, runTogether } from '../../coordinator/index.js';
import { partition } from '../../coordinator/partition/index.js';
import { summaryOf } from '../../coordinator/results/index.js';
import { PHASES } from '../../nodes/index.js';
import { balanced } from './networks.js';

const settings = { dtNs: 100_000, durationNs: 50_000_000, seed: 3 };

describe('a profiled run', () => {
  it('is of every worker and thread, and changes no spike', async () => {
    const graph = balanced();
    const plain = summaryOf(await runEmbedded(graph, settings, { workers: 2 }));
    const profiled = summaryOf(await runEmbedded(graph, settings, { workers: 2, threads: 2, profile: true }));
    expect(profiled.digest).toBe(plain.digest);
    expect(plain.federates.every((federate) => !('profile' in federate))).toBe(true);
    for (const { profile, wallSeconds } of profiled.federates) {
      expect(profile).toHaveLength(2);
      for (const seconds of profile ?? []) {
        expect(Object.keys(seconds)).toEqual([...PHASES, 'other']);
        for (const phase of ['build', 'update', 'deliver', 'poisson', 'exchange', 'wait'] as const) {
          expect(seconds[phase], phase).toBeGreaterThan(0);
        }
        expect(seconds.build).toBeLessThanOrEqual(wallSeconds.build);
      }
    }
  });

  it('is of federates that share a thread, each for itself', async () => {
    const graph = balanced();
    const plan = partition(graph, settings, { workers: 3 });
    const { federates } = summaryOf(await runTogether(graph, plan, { profile: true }));
    expect(federates.map(({ profile }) => profile?.length)).toEqual([1, 1, 1]);
    for (const { profile } of federates) expect(profile?.[0].update).toBeGreaterThan(0);
  });
});
