import { describe, expect, it } from 'vitest';
import { balanced } from '../test/integration/networks.js';
import { partition } from './partition/index.js';
import { summaryOf } from './results/index.js';
import { runTogether } from './together.js';

const settings = { dtNs: 100_000, durationNs: 50_000_000, seed: 3 };

describe('federates that share a thread', () => {
  it('make the same spikes, however many', async () => {
    const graph = balanced();
    const digests = await Promise.all(
      [1, 2, 5, 16].map(async (workers) => {
        const summary = summaryOf(await runTogether(graph, partition(graph, settings, { workers })));
        expect(summary).toMatchObject({ state: 'done', workers, reachedNs: settings.durationNs });
        expect(summary.spikeCount).toBeGreaterThan(100);
        return summary.digest;
      }),
    );
    expect(new Set(digests).size).toBe(1);
  });

  it('end together when one fails', async () => {
    const graph = balanced();
    const plan = partition(graph, settings, { workers: 3 });
    const result = await runTogether(graph, plan, {
      buildEngine: ({ federate }) => {
        if (federate === 1) throw new Error('no engine today');
        throw new Error('nor here');
      },
    });
    expect(result.outcome).toMatchObject({ state: 'failed', failure: { code: 'INTERNAL' } });
  });
});
