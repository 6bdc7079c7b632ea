/** Brunel's network at full size, one second: 12,500 neurons, 15,625,000 synapses. Minutes; `npm run test:full`. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { brunel } from '../../bench/networks/brunel.js';
import { runEmbedded, runOverNats } from '../../coordinator/index.js';
import { digestSpikes, type RunResult } from '../../coordinator/results/index.js';
import type { NatsServer } from '../../stream/nats/index.js';
import { startTestNatsServer } from '../nats-server.js';
import { settingsOf } from './build.js';

/** May change when the digest in brunel.test.ts may. */
const DIGEST = '03c5d04e0db8c6d558b95625b14adb9c1333e98bbf5b64a7ee2e9addb382b1ec';

const graph = brunel();
const settings = settingsOf(10_000, 2024);

function digestOf(result: RunResult): string {
  expect(result.outcome).toEqual({ state: 'done', reachedNs: settings.durationNs });
  expect(result.federates.reduce((sum, { synapses }) => sum + synapses, 0)).toBe(15_625_000);
  return digestSpikes(result.spikes, settings.dtNs);
}

describe('the full Brunel network', () => {
  const ways = [
    { workers: 1, threads: 1 },
    { workers: 1, threads: 2 },
    { workers: 2, threads: 1 },
    { workers: 3, threads: 2 },
    { workers: 4, threads: 1 },
  ];
  it.each(ways)('has its digest on $workers workers of $threads threads', async (way) => {
    expect(digestOf(await runEmbedded(graph, settings, way))).toBe(DIGEST);
  });

  describe('over NATS', () => {
    let server: NatsServer;
    beforeAll(async () => {
      server = await startTestNatsServer();
    });
    afterAll(() => server.stop());

    it.each([
      { workers: 2, threads: 1 },
      { workers: 4, threads: 1 },
    ])('has its digest on $workers workers of $threads threads', async (way) => {
      expect(digestOf(await runOverNats(graph, settings, { ...way, natsUrl: server.url }))).toBe(DIGEST);
    });
  });
});
