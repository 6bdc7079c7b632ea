/** A whole network that learns, beside NEST's over seeds (test/peers/nest/make_learning_network.py): rates and weights within NEST's spread. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { hpcInput } from '../../bench/networks/hpc.js';
import { runEmbedded } from '../../coordinator/index.js';
import { type Graph, parseGraph } from '../../graph/index.js';

interface Figure {
  readonly mean: number;
  readonly std: number;
}
const GOLDEN = new URL('../peers/nest/golden/learning-statistics.json', import.meta.url);
const golden = JSON.parse(readFileSync(GOLDEN, 'utf8')) as {
  readonly seeds: number;
  readonly durationMs: number;
} & Readonly<Record<'exc' | 'inh' | 'meanWeight' | 'stdWeight', Figure>>;

const SIZES = { exc: 800, inh: 200 };
const INDEGREES: Readonly<Record<string, number>> = { exc: 80, inh: 20 };
const WEIGHT_PA = 456;
const SEEDS = [1, 2, 3];

/** hpc_benchmark's neurons and rule; fewer and stronger synapses. */
function network(durationNs: number): Graph {
  const input = hpcInput(1);
  const synapses = input.projections?.map((projection) => ({
    ...projection,
    indegree: INDEGREES[projection.source as string],
    weight: `${projection.source === 'exc' ? WEIGHT_PA : -5 * WEIGHT_PA} pA`,
    ...(projection.synapse === undefined
      ? {}
      : { name: 'learning', synapse: { ...(projection.synapse as object), Wmax: '20000 pA' } }),
  }));
  const populations = Object.fromEntries(
    Object.entries(input.populations ?? {}).map(([name, each]) => [
      name,
      { ...(each as object), size: SIZES[name as 'exc' | 'inh'] },
    ]),
  );
  const recordings = [
    { kind: 'spikes', population: 'exc' },
    { kind: 'spikes', population: 'inh' },
    { kind: 'weights', projection: 'learning', at: [`${durationNs / 1e6} ms`] },
  ];
  return parseGraph(
    JSON.stringify({ ...input, populations, projections: synapses, recordings }),
    'learn.json',
  );
}

async function figuresOf(graph: Graph, seed: number): Promise<Readonly<Record<string, number>>> {
  const durationNs = golden.durationMs * 1e6;
  const { spikes, weights } = await runEmbedded(graph, { dtNs: 1e5, durationNs, seed }, { workers: 1 });
  const rate = (population: 'exc' | 'inh'): number => {
    const found = spikes.find(({ name }) => name === population);
    return (found?.steps.length ?? Number.NaN) / SIZES[population] / (golden.durationMs / 1e3);
  };
  const learned = weights?.[0].weights ?? new Float64Array(0);
  expect(learned.length).toBe(SIZES.exc * INDEGREES.exc);
  const mean = learned.reduce((sum, w) => sum + w, 0) / learned.length;
  const variance = learned.reduce((sum, w) => sum + (w - mean) ** 2, 0) / learned.length;
  return { exc: rate('exc'), inh: rate('inh'), meanWeight: mean, stdWeight: Math.sqrt(variance) };
}

describe('a network that learns', () => {
  it("has NEST's rates and weights within their spread over seeds", { timeout: 120_000 }, async () => {
    const graph = network(golden.durationMs * 1e6);
    const runs: Readonly<Record<string, number>>[] = [];
    for (const seed of SEEDS) runs.push(await figuresOf(graph, seed));
    for (const name of ['exc', 'inh', 'meanWeight', 'stdWeight'] as const) {
      const { mean, std } = golden[name];
      const own = runs.reduce((sum, run) => sum + run[name], 0) / runs.length;
      const expected = std * Math.sqrt(1 / runs.length + 1 / golden.seeds);
      expect(Math.abs(own - mean) / expected, `${name}: ${own} beside ${mean} ± ${std}`).toBeLessThan(4);
    }
  });
});
