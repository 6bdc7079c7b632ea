import { describe, expect, test } from 'vitest';
import { GraphError, InputError } from '../../graph/errors.js';
import type { Graph, Population, Projection } from '../../graph/types.js';
import { inspectPlan } from './inspect.js';
import { emptyFederates, type PartitionOptions, partition } from './partition.js';
import { renderInspection } from './render.js';

const SETTINGS = { dtNs: 100_000, durationNs: 1e9, seed: 1 };

function population(name: string, size: number, more: Partial<Population> = {}): Population {
  return { name, model: 'iaf_psc_delta', size, shape: [size], params: {}, initial: {}, ...more };
}

function projection(source: string, target: string, more: Partial<Projection> = {}): Projection {
  return {
    name: `${source}-${target}`,
    source,
    target,
    rule: { kind: 'fixed_indegree', indegree: 10 },
    weight: 1,
    delayNs: 1_500_000,
    allowAutapses: true,
    allowMultapses: true,
    ...more,
  };
}

function graphOf(populations: Population[], projections: Projection[], more: Partial<Graph> = {}): Graph {
  return {
    name: 'net',
    populations,
    projections,
    stimuli: [],
    recordings: [],
    defaults: {},
    metadata: {},
    ...more,
  };
}

const plan = (graph: Graph, workers: PartitionOptions['workers']) => partition(graph, SETTINGS, { workers });

/** "exc[0,4) inh[0,1)" of each federate. */
function holdings(graph: Graph, workers: PartitionOptions['workers']): string[] {
  return plan(graph, workers).federates.map(({ slices }) =>
    slices.map((s) => `${graph.populations[s.population].name}[${s.begin},${s.end})`).join(' '),
  );
}

const balanced = graphOf(
  [population('exc', 8000), population('inh', 2000)],
  ['exc', 'inh'].flatMap((source) =>
    ['exc', 'inh'].map((target) =>
      projection(source, target, { rule: { kind: 'fixed_indegree', indegree: 800 } }),
    ),
  ),
);

describe('balance', () => {
  test('a random network is spread evenly, with all channels at the synaptic delay', () => {
    const { federates, channels } = plan(balanced, 4);
    const neurons = federates.map(({ slices }) => slices.reduce((sum, s) => sum + s.end - s.begin, 0));
    expect(Math.max(...neurons) / Math.min(...neurons)).toBeLessThan(1.02);
    expect(channels).toHaveLength(12);
    expect(new Set(channels.map((c) => c.lookaheadNs))).toEqual(new Set([1_500_000]));
    expect(channels.every((c) => c.signals.length === 0 && !c.graded)).toBe(true);
  });

  test('modules that exchange little stay whole, and the cut keeps the long delay', () => {
    const modules = ['m0', 'm1', 'm2', 'm3'];
    const graph = graphOf(
      modules.map((name) => population(name, 500)),
      [
        ...modules.map((name) =>
          projection(name, name, { delayNs: 100_000, rule: { kind: 'fixed_indegree', indegree: 100 } }),
        ),
        ...modules.map((name, i) =>
          projection(name, modules[(i + 1) % 4], {
            delayNs: 5_000_000,
            rule: { kind: 'fixed_indegree', indegree: 1 },
          }),
        ),
      ],
    );
    expect(holdings(graph, 4).map((h) => h.split(' ').length)).toEqual([1, 1, 1, 1]);
    expect(plan(graph, 2).channels.map((c) => c.lookaheadNs)).toEqual([5_000_000, 5_000_000]);
  });

  test('nobody is idle while there are enough neurons; who is, is named', () => {
    for (const size of [3, 4, 7]) {
      expect(emptyFederates(plan(graphOf([population('a', size)], [projection('a', 'a')]), 3))).toEqual([]);
    }
    const singles = graphOf(
      Array.from({ length: 5 }, (_, i) => population(`p${i}`, 1)),
      [],
    );
    expect(emptyFederates(plan(singles, 4))).toEqual([]);
    expect(emptyFederates(plan(graphOf([population('a', 2)], []), 4))).toHaveLength(2);
  });

  test('one federate gets everything and no channel', () => {
    expect(plan(balanced, 1)).toMatchObject({
      federates: [{ index: 0, name: 'worker-0', slices: [{ population: 0 }, { population: 1 }] }],
      channels: [],
    });
  });
});

describe('projections without delay', () => {
  const chain = graphOf(
    ['a', 'b', 'c'].map((name) => population(name, 50)),
    [
      projection('a', 'b', { delayNs: 0, rule: { kind: 'all_to_all' } }),
      projection('b', 'c', { delayNs: 0, rule: { kind: 'all_to_all' } }),
    ],
  );

  test('a feed-forward chain becomes a pipeline', () => {
    const { federates, channels } = plan(chain, 3);
    expect(federates.map(({ slices }) => slices.map((s) => s.population))).toEqual([[0], [1], [2]]);
    expect(channels.map((c) => [c.from, c.to, c.lookaheadNs])).toEqual([
      [0, 1, 0],
      [1, 2, 0],
    ]);
  });

  test('with delayed feedback, the way back has a lookahead', () => {
    const graph = {
      ...chain,
      projections: [...chain.projections, projection('c', 'a', { delayNs: 100_000 })],
    };
    for (const { from, to, lookaheadNs } of plan(graph, 3).channels) {
      expect(lookaheadNs).toBe(from < to ? 0 : 100_000);
    }
  });

  test('a cycle is an error that names it', () => {
    const back = projection('c', 'a', { delayNs: 0 });
    const graph = { ...chain, projections: [...chain.projections, back] };
    expect(() => plan(graph, 2)).toThrow(GraphError);
    expect(() => plan(graph, 2)).toThrow(
      /projections\[\d\].delay: found a cycle.*(a -> b -> c -> a|b -> c -> a -> b|c -> a -> b -> c)/,
    );
  });

  test('placements turn the order round where they have to, and are refused where they can not be kept', () => {
    const workers = [{ name: 'x' }, { name: 'y' }];
    const placed = (places: (string | undefined)[]): Graph => ({
      ...chain,
      populations: chain.populations.map((p, i) => ({ ...p, placement: places[i] })),
    });
    expect(holdings(placed(['y', undefined, 'x']), workers)[0]).toContain('c[0,50)');
    expect(plan(placed(['y', undefined, 'x']), workers).channels).toMatchObject([
      { from: 1, to: 0, lookaheadNs: 0 },
    ]);
    expect(() => plan(placed(['x', 'y', 'x']), workers)).toThrow(/populations\.\w\.placement.*and back/);
  });
});

describe('channels', () => {
  const source = population('in', 4, { model: 'spike_source' });
  const spikes = {
    kind: 'spikes' as const,
    name: 's',
    target: 'in',
    timesNs: Float64Array.of(100_000),
    neurons: Uint32Array.of(0),
  };

  test('carry only what has a synapse at the other end', () => {
    const graph = graphOf(
      [
        population('a', 2, { placement: 'x' }),
        population('b', 2, { placement: 'x' }),
        population('c', 2, { placement: 'y' }),
        population('d', 2, { placement: 'y' }),
      ],
      [
        projection('a', 'c', {
          rule: { kind: 'pairs', sources: Uint32Array.of(0, 1), targets: Uint32Array.of(1, 0) },
          delayNs: Float64Array.of(700_000, 300_000),
        }),
        projection('d', 'b', { rule: { kind: 'dense', matrix: new Float64Array(4) } }),
        projection('b', 'a'),
      ],
    );
    expect(plan(graph, [{ name: 'x' }, { name: 'y' }]).channels).toEqual([
      {
        from: 0,
        to: 1,
        lookaheadNs: 300_000,
        spikes: [{ population: 0, begin: 0, end: 2 }],
        signals: [],
        graded: false,
      },
    ]);
  });

  test('are graded when a source on them has values, and carry signals apart from spikes', () => {
    const graph = graphOf(
      [
        { ...source, placement: 'x' },
        population('li', 3, { model: 'nir_li', placement: 'x' }),
        population('c', 2, { placement: 'y' }),
      ],
      [projection('in', 'c'), projection('li', 'c')],
      { stimuli: [{ ...spikes, values: Float32Array.of(0.5) }] },
    );
    expect(plan(graph, [{ name: 'x' }, { name: 'y' }]).channels).toMatchObject([
      { spikes: [{ population: 0 }], signals: [{ population: 1, begin: 0, end: 3 }], graded: true },
    ]);
    const plain = plan({ ...graph, stimuli: [spikes] }, [{ name: 'x' }, { name: 'y' }]);
    expect(plain.channels[0].graded).toBe(false);
  });
});

describe('placement and capacity', () => {
  test('a placed population is on its federate, the others even it out', () => {
    const graph = graphOf(
      [population('a', 100, { placement: 'board' }), population('b', 300)],
      [projection('a', 'b')],
    );
    expect(holdings(graph, [{ name: 'w' }, { name: 'board', capacity: 100, onlyPlaced: true }])).toEqual([
      'b[0,300)',
      'a[0,100)',
    ]);
    const [w, board] = holdings(graph, [{ name: 'w' }, { name: 'board' }]);
    expect(w).toMatch(/^b\[/);
    expect(board).toMatch(/^a\[0,100\) b\[/);
  });

  test('a graph placed on four workers runs on fewer', () => {
    const graph = graphOf(
      [0, 1, 2, 3].map((i) => population(`p${i}`, 100, { placement: `worker-${i}` })),
      [projection('p0', 'p3')],
    );
    expect(holdings(graph, 4)).toEqual([0, 1, 2, 3].map((i) => `p${i}[0,100)`));
    expect(holdings(graph, 1)).toEqual(['p0[0,100) p1[0,100) p2[0,100) p3[0,100)']);
    const [first, second] = holdings(graph, 2);
    expect(first).toContain('p0[0,100)');
    expect(second).toContain('p1[0,100)');
  });

  test('capacities are kept, and filled to the last neuron', () => {
    const { federates } = plan(balanced, [
      { name: 'x', capacity: 1000 },
      { name: 'y', capacity: 9000 },
    ]);
    const neurons = federates.map(({ slices }) => slices.reduce((sum, s) => sum + s.end - s.begin, 0));
    expect(neurons).toEqual([1000, 9000]);
  });

  test('errors name population and federates', () => {
    const lost = graphOf([population('a', 10, { placement: 'loihi' })], []);
    expect(() => plan(lost, 2)).toThrow(/populations\.a\.placement: found "loihi".*worker-0, worker-1/);
    expect(() =>
      plan(balanced, [
        { name: 'x', capacity: 1000 },
        { name: 'y', capacity: 8999 },
      ]),
    ).toThrow(/populations\.(exc|inh): .*too little capacity.*x 1000, y 8999/);
    const big = graphOf([population('a', 11, { placement: 'board' })], []);
    expect(() => plan(big, [{ name: 'w' }, { name: 'board', capacity: 10 }])).toThrow(
      /populations\.a: found 11.*board 10/,
    );
    expect(() => plan(balanced, 0)).toThrow(InputError);
    expect(() => plan(balanced, [{ name: 'x' }, { name: 'x' }])).toThrow(/"x" twice/);
  });
});

describe('inspection', () => {
  test('adds up', () => {
    const inspection = inspectPlan(balanced, plan(balanced, 4));
    expect(inspection.synapses).toBe(2 * 800 * 10_000);
    expect(inspection.neurons).toBe(10_000);
    expect(inspection.federates.reduce((sum, f) => sum + f.synapses, 0)).toBeCloseTo(inspection.synapses, 3);
    expect(inspection.federates.reduce((sum, f) => sum + f.load, 0)).toBeCloseTo(1, 9);
    expect(inspection.cutFraction).toBeCloseTo(0.75, 3);
    expect(inspection.lookaheadNs).toBe(1_500_000);
    // Two bytes a synapse when weight and delay are constant, and not much more.
    expect(inspection.bytes / inspection.synapses).toBeGreaterThan(2);
    expect(inspection.bytes / inspection.synapses).toBeLessThan(2.5);
    expect(inspection.channels.reduce((sum, c) => sum + c.eventsPerSecond, 0)).toBeCloseTo(
      3 * 10_000 * 10,
      3,
    );
    expect(JSON.parse(JSON.stringify(inspection))).toEqual(inspection);
  });

  test('in words', () => {
    const graph = graphOf(
      [population('a', 2)],
      [projection('a', 'a', { rule: { kind: 'fixed_probability', p: 0.5 } })],
    );
    const text = renderInspection(inspectPlan(graph, plan(graph, 3)));
    expect(text).toContain('net: 2 neurons, 2 synapses');
    expect(text).toMatch(/a-a +a +a +fixed_probability +~2 +1\.5 ms/);
    expect(text).toMatch(/worker-0 -> worker-1 +1\.5 ms/);
    expect(text).toContain('without neurons: worker-2');
  });
});
