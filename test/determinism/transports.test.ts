/** The promise over real threads, processes and transports: any workers, threads, windows and credits, embedded and over NATS. */
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runEmbedded, runOverNats } from '../../coordinator/index.js';
import type { RunResult } from '../../coordinator/results/index.js';
import { digestSpikes } from '../../coordinator/results/index.js';
import type { NatsServer } from '../../stream/nats/index.js';
import { startTestNatsServer } from '../nats-server.js';
import { anyCase, type Case } from './any-graph.js';
import { settingsOf, wholePlan } from './build.js';
import { digestStates, drive } from './driver.js';
import { FEED_FORWARD, RECURRENT } from './networks.js';

const NUM_RUNS = Number(process.env.NIL_RUNS ?? 2);
const SEED = Number(process.env.NIL_SEED ?? 9);

interface Expected extends Case {
  readonly name: string;
  readonly digests: readonly string[];
}

function expected(name: string, { graph, settings }: Case): Expected {
  const { digest, stateDigest } = drive(graph, wholePlan(graph, settings));
  return { name, graph, settings, digests: [digest, stateDigest] };
}

function digests({ outcome, spikes, states, settings }: RunResult): readonly string[] {
  expect(outcome).toEqual({ state: 'done', reachedNs: settings.durationNs });
  return [digestSpikes(spikes, settings.dtNs), digestStates(states)];
}

const cases: readonly Expected[] = [
  expected('recurrent', { graph: RECURRENT, settings: settingsOf(300, 2) }),
  expected('feed-forward', { graph: FEED_FORWARD, settings: settingsOf(300, 3) }),
  ...fc
    .sample(fc.gen(), { numRuns: NUM_RUNS, seed: SEED })
    .map((g, i) => expected(`random ${i}`, anyCase(g, 100))),
];

describe('embedded', () => {
  const ways = [
    { workers: 1, threads: 2 },
    { workers: 2, threads: 1, windowSteps: 1 },
    { workers: 3, threads: 2, creditSteps: 3, reportMs: 1 },
    { workers: 4, threads: 1, windowSteps: 1000, creditSteps: 1 },
  ];
  it.each(cases)('$name: the same bits on any workers, threads, windows and credits', async (one) => {
    for (const { creditSteps, ...way } of ways) {
      const creditNs = creditSteps === undefined ? undefined : creditSteps * one.settings.dtNs;
      const result = await runEmbedded(one.graph, one.settings, { ...way, creditNs });
      expect([way, ...digests(result)]).toEqual([way, ...one.digests]);
    }
  });
});

describe('over NATS', () => {
  let server: NatsServer;
  beforeAll(async () => {
    server = await startTestNatsServer();
  });
  afterAll(() => server.stop());

  it.each(cases.slice(0, 3))('$name: the same bits in processes', async (one) => {
    for (const way of [
      { workers: 2, threads: 2 },
      { workers: 3, windowSteps: 2, creditNs: 5_000_000 },
    ]) {
      const result = await runOverNats(one.graph, one.settings, { ...way, natsUrl: server.url });
      expect([way, ...digests(result)]).toEqual([way, ...one.digests]);
    }
  });
});
