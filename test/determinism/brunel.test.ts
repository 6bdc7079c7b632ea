/** Brunel's network, small: one digest, today and from now on, for any workers, threads, transport and numerics. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { brunel } from '../../bench/networks/brunel.js';
import { runEmbedded, runOverNats } from '../../coordinator/index.js';
import { digestSpikes, type RunResult } from '../../coordinator/results/index.js';
import type { Graph } from '../../graph/index.js';
import type { NatsServer } from '../../stream/nats/index.js';
import { startTestNatsServer } from '../nats-server.js';
import { settingsOf, wholePlan } from './build.js';
import { compiledNumerics } from './compiled.js';
import { drive } from './driver.js';

/**
 * The digest of the spikes. It may change only with a decision to change what is simulated: the random streams (`nodes/random`), how
 * connectivity or Poisson input is drawn, a model's equations, the rounding of weights, the digest's own definition. Never with a
 * change that is about speed, memory, partitioning or transport. Who changes it says so in CHANGELOG.md.
 */
const DIGEST = '5674aa4df7f502d383e8dcfb835c532098605f843947b4a37a5d172a2bb2e6f8';

const graph = small();
const settings = settingsOf(1000, 2024);

/** 1250 neurons with a tenth of the synapses each, ten times as strong: the same mean input. */
function small(): Graph {
  const weak = brunel(0.1);
  return {
    ...weak,
    projections: weak.projections.map((one) => ({ ...one, weight: 10 * (one.weight as number) })),
    stimuli: weak.stimuli.map((one) =>
      one.kind === 'poisson' ? { ...one, weight: 10 * one.weight, rateHz: (one.rateHz as number) / 10 } : one,
    ),
  };
}

function digestOf(result: RunResult): string {
  expect(result.outcome).toEqual({ state: 'done', reachedNs: settings.durationNs });
  return digestSpikes(result.spikes, settings.dtNs);
}

describe('the small Brunel network', () => {
  it('fires irregularly, and is the same in both numerics', () => {
    const plan = wholePlan(graph, settings);
    const { digest, spikes } = drive(graph, plan);
    const [exc, inh] = spikes.map(({ neurons, steps }) => ({
      neurons: new Set(neurons).size,
      spikes: steps.length,
    }));
    const seconds = settings.durationNs / 1e9;
    expect(exc.spikes / 1000 / seconds).toBeGreaterThan(5);
    expect(exc.spikes / 1000 / seconds).toBeLessThan(100);
    expect([exc.neurons, inh.neurons].map((n) => n > 200)).toEqual([true, true]);
    expect(digest).toBe(DIGEST);
    expect(drive(graph, plan, { numerics: compiledNumerics(graph) }).digest).toBe(DIGEST);
  });

  const ways = [1, 2, 3, 4].flatMap((workers) => [1, 2].map((threads) => ({ workers, threads })));
  it.each(ways)('has its digest on $workers workers of $threads threads', async (way) => {
    expect(digestOf(await runEmbedded(graph, settings, way))).toBe(DIGEST);
  });

  it('has another digest with another seed', () => {
    const other = { ...settings, seed: 2025 };
    expect(drive(graph, wholePlan(graph, other)).digest).not.toBe(DIGEST);
  });
});

describe('over NATS', () => {
  let server: NatsServer;
  beforeAll(async () => {
    server = await startTestNatsServer();
  });
  afterAll(() => server.stop());

  it('the small Brunel network has its digest on 2 workers', async () => {
    expect(digestOf(await runOverNats(graph, settings, { workers: 2, natsUrl: server.url }))).toBe(DIGEST);
  });
});
