/**
 * Learning is part of the promise: the same spikes and the same bits of every weight, whoever owns what, whenever it catches up, interpreted or compiled, through a
 * checkpoint, in threads, processes and over NATS.
 */
import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { snapshotBytes, snapshotFromBytes } from '../../coordinator/checkpoint/blobs.js';
import { runEmbedded, runOverNats } from '../../coordinator/index.js';
import { digestSpikes, mergeWeights, type WeightTrace } from '../../coordinator/results/index.js';
import type { Graph, Plan, Projection } from '../../graph/index.js';
import { synapseModels } from '../../graph/synapses/index.js';
import { splitOverThreads } from '../../nodes/threads/split.js';
import type { NatsServer } from '../../stream/nats/index.js';
import { startTestNatsServer } from '../nats-server.js';
import { graphOf, population, projection, settingsOf, wholePlan } from './build.js';
import { type DriveOptions, drive, scheduleOf } from './driver.js';
import { workersPlan } from './plans.js';

const RULES = [...synapseModels.keys()].filter((name) => name !== 'static_synapse');
const STEPS = 1500;
const SETTINGS = settingsOf(STEPS, 4);

/** Every rule that can use it is made to change its weights by much. */
const PARAMS: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  stdp_pl_synapse_hom: { Wmax: 300 },
  stdp_triplet_synapse: { Aplus: 2, Aminus: 1, Aplus_triplet: 3, Aminus_triplet: 1 },
  vogels_sprekeler_synapse: { Wmax: 200, eta: 2 },
  homeostatic_synapse: { eta: 0.02, rate: 30 },
};

function plastic(rule: string, source: string, target: string, n: number): Projection {
  const bound: Readonly<Record<string, number>> = rule.startsWith('tsodyks') ? {} : { Wmax: 150 };
  const fast: Readonly<Record<string, number>> =
    rule.startsWith('stdp') && PARAMS[rule] === undefined ? { lambda: 0.1 } : {};
  const params = { ...bound, ...fast, ...PARAMS[rule] };
  return projection(source, target, {
    name: `${rule}_${source}_${target}`,
    rule: { kind: 'fixed_indegree', indegree: 6 },
    weight: { kind: 'uniform', low: 20, high: 60 },
    delayNs: { kind: 'uniform', low: 100_000, high: 1_200_000 + n * 100_000 },
    synapse: { model: rule, params },
  });
}

function network(rules: readonly string[]): Graph {
  const projections = rules.flatMap((rule, n) => [
    plastic(rule, 'in', 'exc', n),
    plastic(rule, 'exc', 'exc', n + 3),
  ]);
  const last = projections[projections.length - 1];
  return graphOf(
    [
      population('in', 'poisson_source', 30, { params: { rate: 60 } }),
      population('exc', 'iaf_psc_exp', 23, { params: { t_ref: 0.5 } }),
      population('inh', 'iaf_psc_exp', 7),
    ],
    [
      ...projections.slice(0, -1),
      {
        ...last,
        synapse: {
          ...(last.synapse as NonNullable<Projection['synapse']>),
          learning: [
            { beginNs: 0, endNs: 6e7 },
            { beginNs: 9e7, endNs: Infinity },
          ],
        },
      },
      projection('in', 'exc', { name: 'drive', rule: { kind: 'fixed_indegree', indegree: 12 }, weight: 260 }),
      projection('exc', 'inh', { rule: { kind: 'fixed_indegree', indegree: 10 }, weight: 150 }),
      projection('inh', 'exc', { rule: { kind: 'fixed_indegree', indegree: 3 }, weight: -150 }),
    ],
    [],
    [
      { kind: 'spikes', population: 'exc' },
      ...projections.map(({ name }) => ({ kind: 'weights', projection: name, everyNs: 5e7 }) as const),
      { kind: 'weights', projection: projections[0].name, spikes: true },
    ],
  );
}

function digestWeights(traces: readonly WeightTrace[]): string {
  const hash = createHash('sha256');
  for (const { steps, sources, targets, delays, weights } of traces) {
    for (const column of [steps, sources, targets, delays, weights]) {
      hash.update(new Uint8Array(column.buffer, column.byteOffset, column.byteLength));
    }
  }
  return hash.digest('hex');
}

function play(graph: Graph, plan: Plan, options: DriveOptions = {}) {
  const chunks: Parameters<typeof mergeWeights>[1][number][number][] = [];
  const outcome = drive(graph, plan, { ...options, onChunk: (chunk) => chunks.push(chunk) });
  const weights = mergeWeights(graph, [chunks]);
  return { ...outcome, weights, digests: [outcome.digest, digestWeights(weights)] };
}

const whole = (graph: Graph): Plan => wholePlan(graph, SETTINGS);

describe.each(RULES)('%s', (rule) => {
  const graph = network([rule]);
  const expected = play(graph, whole(graph));

  it('changes something, and the network spikes', () => {
    expect(expected.spikes[0].steps.length).toBeGreaterThan(30);
    const first = expected.weights[0];
    const half = first.steps.length / 3;
    const changed = first.weights.slice(-half).some((weight, i) => weight !== first.weights[i]);
    expect(changed).toBe(!rule.startsWith('tsodyks'));
  });

  it('has the same spikes and weights in any division, order and windows', () => {
    for (const plan of [
      workersPlan(graph, SETTINGS, 2),
      workersPlan(graph, SETTINGS, 4),
      splitOverThreads(graph, whole(graph), 0, 3).plan,
    ]) {
      expect(play(graph, plan, { schedule: scheduleOf(plan.federates.length) }).digests).toEqual(
        expected.digests,
      );
    }
  });

  it('goes on from snapshots of any division in any other', () => {
    const [two, four] = [2, 4].map((workers) => workersPlan(graph, SETTINGS, workers));
    for (const [from, to] of [
      [two, four],
      [four, whole(graph)],
      [whole(graph), two],
    ]) {
      const saving = play(graph, from, { saveAt: 777 });
      expect(saving.digests).toEqual(expected.digests);
      if (saving.saved === undefined) throw new Error('nothing saved');
      const snapshots = saving.saved.snapshots.map((each) => snapshotFromBytes(snapshotBytes(each)));
      const resumed = play(
        graph,
        { ...to, startNs: 777 * SETTINGS.dtNs },
        { from: { ...saving.saved, snapshots } },
      );
      expect(resumed.digest).toBe(expected.digest);
      const later = ({ weights }: { readonly weights: readonly WeightTrace[] }) =>
        weights.map(({ steps, weights: own }) => own.slice(steps.findIndex((step) => step > 777)));
      expect(later(resumed)).toEqual(later(expected));
    }
  });
});

describe('all rules in one network', () => {
  const graph = network(RULES);
  const settings = settingsOf(600, 4);
  const { digests } = play(graph, wholePlan(graph, settings));
  let server: NatsServer;
  beforeAll(async () => {
    server = await startTestNatsServer();
  });
  afterAll(() => server.stop());

  it('embedded: workers and threads', async () => {
    for (const way of [
      { workers: 1, threads: 2 },
      { workers: 3 },
      { workers: 2, threads: 2, windowSteps: 3 },
    ]) {
      const { spikes, weights } = await runEmbedded(graph, settings, way);
      expect([digestSpikes(spikes, settings.dtNs), digestWeights(weights ?? [])]).toEqual(digests);
    }
  });

  it('over NATS', async () => {
    const { spikes, weights } = await runOverNats(graph, settings, { workers: 3, natsUrl: server.url });
    expect([digestSpikes(spikes, settings.dtNs), digestWeights(weights ?? [])]).toEqual(digests);
  });
});
