import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Plan } from '../../graph/plan.js';
import type { Graph, Projection } from '../../graph/types.js';
import { anyCase } from '../../test/determinism/any-graph.js';
import {
  DT_NS,
  graphOf,
  population,
  projection,
  settingsOf,
  wholePlan,
} from '../../test/determinism/build.js';
import { workersPlan } from '../../test/determinism/plans.js';
import { boundsOf } from '../connect/index.js';
import { splitOverThreads, type ThreadSplit } from './split.js';

const settings = settingsOf(100);

/** Every neuron of the federate on exactly one thread, parts in order. */
function expectPartition(plan: Plan, federate: number, { plan: inner, threads }: ThreadSplit): void {
  for (const slice of plan.federates[federate].slices) {
    const owners = new Array<number>(slice.end).fill(-1);
    for (const { index, slices } of inner.federates.slice(0, threads)) {
      for (const part of slices.filter(({ population: p }) => p === slice.population)) {
        expect([part.begin >= slice.begin, part.end <= slice.end, part.begin < part.end]).toEqual([
          true,
          true,
          true,
        ]);
        for (let n = part.begin; n < part.end; n++) {
          expect(owners[n]).toBe(-1);
          owners[n] = index;
        }
      }
    }
    expect(owners.slice(slice.begin).every((owner) => owner >= 0)).toBe(true);
  }
  const populations = plan.federates[federate].slices.map((slice) => slice.population);
  for (const { slices } of inner.federates.slice(0, threads)) {
    const own = slices.map((slice) => slice.population);
    expect(own).toEqual(populations.filter((p) => own.includes(p)));
  }
}

const threadOf = ({ plan, threads }: ThreadSplit, p: number): number[] =>
  plan.federates
    .slice(0, threads)
    .flatMap(({ index, slices }) => (slices.some((s) => s.population === p) ? [index] : []));

describe('a partition over threads', () => {
  it('has every neuron once, whatever the graph, federate and number of threads', () => {
    fc.assert(
      fc.property(fc.gen(), (g) => {
        const { graph, settings: run } = anyCase(g, 100);
        const plan = workersPlan(graph, run, g(fc.integer, { min: 1, max: 3 }));
        const threads = g(fc.integer, { min: 1, max: 5 });
        for (const { index } of plan.federates) {
          const split = splitOverThreads(graph, plan, index, threads);
          expectPartition(plan, index, split);
          expectZeroDelaysTogether(graph, plan, split);
          expectChannels(plan, index, split);
        }
      }),
      { numRuns: 100 },
    );
  });

  it('is even, in pieces that vector kernels like', () => {
    const graph = graphOf([population('a', 'iaf_psc_delta', 1000), population('b', 'iaf_psc_delta', 90)]);
    const { plan } = splitOverThreads(graph, wholePlan(graph, settings), 0, 4);
    const parts = plan.federates.map(({ slices }) => slices.map(({ begin, end }) => [begin, end]));
    expect(parts).toEqual([
      [
        [0, 256],
        [0, 16],
      ],
      [
        [256, 496],
        [16, 48],
      ],
      [
        [496, 752],
        [48, 64],
      ],
      [
        [752, 1000],
        [64, 90],
      ],
    ]);
  });

  it('keeps together what zero delays join, by any way round', () => {
    const names = ['a', 'b', 'c', 'd', 'e', 'f'];
    const rule = { kind: 'all_to_all' } as const;
    const edge = (s: string, t: string, delayNs = 0): Projection => projection(s, t, { rule, delayNs });
    const graph = graphOf(
      names.map((name) => population(name, 'nir_threshold', 64)),
      // c and d join the groups of a and e; f stands alone.
      [edge('a', 'b'), edge('d', 'e'), edge('c', 'e'), edge('b', 'c'), edge('f', 'f', DT_NS)],
    );
    const split = splitOverThreads(graph, wholePlan(graph, settings), 0, 3);
    const threads = [0, 1, 2, 3, 4].map((p) => threadOf(split, p));
    expect(new Set(threads.map(String)).size).toBe(1);
    expect(threads[0]).toHaveLength(1);
    expect(threadOf(split, 5)).toEqual([0, 1, 2]);
  });

  it('exchanges as often as the smallest delay inside asks for; what leaves or enters has channels of its own', () => {
    const rule = { kind: 'all_to_all' } as const;
    const graph = graphOf(
      ['a', 'b', 'c'].map((name) => population(name, 'iaf_psc_delta', 64)),
      [
        projection('a', 'b', { rule, delayNs: 20 * DT_NS }),
        projection('b', 'a', { rule, delayNs: { kind: 'uniform', low: 7 * DT_NS, high: 9 * DT_NS } }),
        projection('c', 'a', { rule, delayNs: 3 * DT_NS }),
        projection('a', 'c', { rule, delayNs: 2 * DT_NS }),
      ],
    );
    const whole = wholePlan(graph, settings);
    expect(splitOverThreads(graph, whole, 0, 2).exchangeSteps).toBe(2);
    const slice = (p: number) => ({ population: p, begin: 0, end: 64 });
    const plan: Plan = {
      ...settings,
      federates: [
        { index: 0, name: 'f0', slices: [slice(0), slice(1)] },
        { index: 1, name: 'f1', slices: [slice(2)] },
      ],
      channels: [
        { from: 0, to: 1, lookaheadNs: 2 * DT_NS, spikes: [slice(0)], signals: [], graded: false },
        { from: 1, to: 0, lookaheadNs: 3 * DT_NS, spikes: [slice(2)], signals: [], graded: false },
      ],
    };
    const split = splitOverThreads(graph, plan, 0, 2);
    expect(split.exchangeSteps).toBe(7);
    expect(split.plan.channels).toMatchObject([
      { from: 1, to: 0, lookaheadNs: 7 * DT_NS },
      { from: 2, to: 0, lookaheadNs: 3 * DT_NS, spikes: [slice(2)] },
      { from: 0, to: 1, lookaheadNs: 7 * DT_NS },
      { from: 2, to: 1, lookaheadNs: 3 * DT_NS, spikes: [slice(2)] },
    ]);
    expect(splitOverThreads(graph, plan, 1, 2).exchangeSteps).toBe(64);
  });
});

function expectZeroDelaysTogether(graph: Graph, plan: Plan, split: ThreadSplit): void {
  for (const one of graph.projections) {
    const { minDelaySteps, expectedSynapses } = boundsOf(graph, one, plan.dtNs);
    if (minDelaySteps > 0 || expectedSynapses === 0) continue;
    const ends = [one.source, one.target].map((name) =>
      threadOf(
        split,
        graph.populations.findIndex((p) => p.name === name),
      ),
    );
    expect(new Set(ends.flat()).size).toBeLessThanOrEqual(1);
  }
}

/** Each thread hears every other thread and every in-channel of its federate, in this order. */
function expectChannels(plan: Plan, federate: number, { plan: inner, threads }: ThreadSplit): void {
  const ins = plan.channels.filter(({ to }) => to === federate);
  for (let t = 0; t < threads; t++) {
    const froms = inner.channels.filter(({ to }) => to === t).map(({ from }) => from);
    const others = Array.from({ length: threads }, (_, i) => i).filter((i) => i !== t);
    expect(froms).toEqual([...others, ...ins.map((_, c) => threads + c)]);
  }
}
