import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Graph, Plan, Projection, Rule } from '../../graph/index.js';
import { expandProjection } from '../../nodes/connect/index.js';
import { zeroLookaheadCycle } from './channels.js';
import { emptyFederates, partition } from './partition.js';

const DT_NS = 100_000;
const SETTINGS = { dtNs: DT_NS, durationNs: 1e8, seed: 3 };

const anyPopulation = fc.record({
  size: fc.oneof(fc.integer({ min: 1, max: 6 }), fc.integer({ min: 7, max: 90 })),
  model: fc.constantFrom('iaf_psc_delta', 'iaf_psc_exp', 'nir_li'),
});

const anyEdge = fc.record({
  ends: fc.tuple(fc.nat(7), fc.nat(7)),
  rule: fc.constantFrom('all', 'one', 'in', 'p', 'pairs'),
  /** Without a delay only where it leads forward in the graph's order. */
  delay: fc.constantFrom('zero', 'some', 'mixed', 'drawn'),
  seed: fc.nat(1000),
});

/** Graphs of a few populations whose zero-delay projections lead forward in the populations' order, so that they form no cycle. */
const anyGraph: fc.Arbitrary<Graph> = fc
  .tuple(
    fc.array(anyPopulation, { minLength: 1, maxLength: 8 }),
    fc.array(anyEdge, { maxLength: 12 }),
    fc.boolean(),
  )
  .map(([populations, edges, reversed]) => {
    const sizes = populations.map(({ size }) => size);
    const projections = edges.map(({ ends, rule, delay, seed }, i): Projection => {
      const [source, target] = ends.map((end) => end % sizes.length);
      const built = ruleOf(rule, sizes[source], sizes[target], seed);
      const forward = reversed ? target < source : source < target;
      return {
        name: `e${i}`,
        source: `p${source}`,
        target: `p${target}`,
        rule: built,
        weight: 1,
        delayNs: delayOf(delay, forward, built, seed),
        allowAutapses: true,
        allowMultapses: true,
      };
    });
    return {
      name: 'any',
      populations: populations.map(({ size, model }, i) => ({
        name: `p${i}`,
        model,
        size,
        shape: [size],
        params: {},
        initial: {},
      })),
      projections,
      stimuli: [],
      recordings: [],
      defaults: {},
      metadata: {},
    };
  });

function ruleOf(kind: string, from: number, to: number, seed: number): Rule {
  if (kind === 'one' && from === to) return { kind: 'one_to_one' };
  if (kind === 'in') return { kind: 'fixed_indegree', indegree: 1 + (seed % 3) };
  if (kind === 'p') return { kind: 'fixed_probability', p: (seed % 10) / 10 };
  if (kind !== 'pairs') return { kind: 'all_to_all' };
  const length = seed % 20;
  return {
    kind: 'pairs',
    sources: Uint32Array.from({ length }, (_, i) => (i * 7 + seed) % from),
    targets: Uint32Array.from({ length }, (_, i) => (i * 5 + seed) % to),
  };
}

function delayOf(delay: string, forward: boolean, rule: Rule, seed: number): Projection['delayNs'] {
  const least = forward ? 0 : 1;
  if (delay === 'zero') return least * DT_NS;
  if (delay === 'mixed' && rule.kind === 'pairs') {
    return Float64Array.from(rule.targets, (_, i) => (least + ((i + seed) % 4)) * DT_NS);
  }
  if (delay === 'drawn') return { kind: 'uniform', low: 0, high: 1e6 };
  return (1 + (seed % 15)) * DT_NS;
}

const anyWorkers = fc.integer({ min: 1, max: 6 });

/** Federate of each neuron, by population; every neuron owned exactly once, at most one slice of a population each. */
function ownersOf(graph: Graph, { federates }: Plan): Int32Array[] {
  const owners = graph.populations.map(({ size }) => new Int32Array(size).fill(-1));
  federates.forEach(({ index, slices }, place) => {
    expect(index).toBe(place);
    slices.forEach((slice, i) => {
      if (i > 0) expect(slice.population).toBeGreaterThan(slices[i - 1].population);
      expect(slice.end).toBeGreaterThan(slice.begin);
      expect(owners[slice.population].subarray(slice.begin, slice.end).every((owner) => owner === -1)).toBe(
        true,
      );
      owners[slice.population].fill(index, slice.begin, slice.end);
    });
  });
  for (const list of owners) expect(list.includes(-1)).toBe(false);
  return owners;
}

function checkPlan(graph: Graph, plan: Plan): void {
  const owners = ownersOf(graph, plan);
  const number = new Map(graph.populations.map(({ name }, i) => [name, i]));
  expect(zeroLookaheadCycle(plan.channels, plan.federates.length)).toBeUndefined();
  expect(new Set(plan.channels.map(({ from, to }) => `${from}:${to}`)).size).toBe(plan.channels.length);
  for (const { from, spikes, signals } of plan.channels) {
    for (const slice of [...spikes, ...signals]) expect(plan.federates[from].slices).toContainEqual(slice);
    const emits = (list: typeof spikes): Set<boolean> =>
      new Set(list.map(({ population }) => graph.populations[population].model === 'nir_li'));
    expect([...emits(spikes)]).not.toContain(true);
    expect([...emits(signals)]).not.toContain(false);
  }
  graph.projections.forEach((projection, p) => {
    const source = number.get(projection.source) as number;
    const target = number.get(projection.target) as number;
    const columns = expandProjection(
      { graph, projection: p, seed: plan.seed, dtNs: plan.dtNs },
      { begin: 0, end: graph.populations[target].size },
    );
    for (let i = 0; i < columns.targets.length; i++) {
      const from = owners[source][columns.sources[i]];
      const to = owners[target][columns.targets[i]];
      if (from === to) continue;
      const delay = typeof columns.delaySteps === 'number' ? columns.delaySteps : columns.delaySteps[i];
      const channel = plan.channels.find((candidate) => candidate.from === from && candidate.to === to);
      const carried = [...(channel?.spikes ?? []), ...(channel?.signals ?? [])];
      const right =
        (delay > 0 || from < to) &&
        (channel?.lookaheadNs ?? Infinity) <= delay * plan.dtNs &&
        carried.some(({ population }) => population === source);
      // An expectation for each synapse would take most of the test's time.
      if (!right)
        expect.fail(`synapse ${i} of ${projection.name} from ${from} to ${to} isn't carried in time`);
    }
  });
}

test('every plan owns each neuron once, carries every synapse in time, and never waits in a circle', () => {
  fc.assert(
    fc.property(anyGraph, anyWorkers, (graph, workers) => {
      const plan = partition(graph, SETTINGS, { workers });
      checkPlan(graph, plan);
      expect(partition(graph, SETTINGS, { workers })).toEqual(plan);
      const neurons = graph.populations.reduce((sum, { size }) => sum + size, 0);
      expect(emptyFederates(plan).length).toBe(Math.max(0, workers - neurons));
    }),
    { numRuns: 300 },
  );
});

test('the same with placements and capacities, wherever they can be kept', () => {
  let kept = 0;
  fc.assert(
    fc.property(
      anyGraph,
      fc.array(fc.option(fc.nat(3)), { minLength: 8, maxLength: 8 }),
      fc.array(fc.option(fc.integer({ min: 1, max: 400 })), { minLength: 4, maxLength: 4 }),
      (graph, places, capacities) => {
        const workers = capacities.map((capacity, i) => ({ name: `w${i}`, capacity: capacity ?? undefined }));
        const placed: Graph = {
          ...graph,
          populations: graph.populations.map((population, i) => {
            const place = places[i];
            return place === null ? population : { ...population, placement: `w${place}` };
          }),
        };
        let plan: Plan;
        try {
          plan = partition(placed, SETTINGS, { workers });
        } catch (error) {
          expect((error as Error).message).toMatch(/^populations\.p\d(\.placement)?: /);
          return;
        }
        kept++;
        const held = plan.federates.map(({ slices }) => slices.reduce((sum, s) => sum + s.end - s.begin, 0));
        expect(held.every((neurons, w) => neurons <= (workers[w].capacity ?? Infinity))).toBe(true);
        placed.populations.forEach(({ placement, size }, population) => {
          if (placement === undefined) return;
          const owner = plan.federates.find(({ name }) => name === placement);
          expect(owner?.slices).toContainEqual({ population, begin: 0, end: size });
        });
        ownersOf(placed, plan);
        expect(zeroLookaheadCycle(plan.channels, 4)).toBeUndefined();
      },
    ),
    { numRuns: 400 },
  );
  expect(kept).toBeGreaterThan(50);
});
