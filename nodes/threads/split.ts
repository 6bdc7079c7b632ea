import type { ChannelPlan, Plan, Slice } from '../../graph/plan.js';
import type { Graph } from '../../graph/types.js';
import { boundsOf } from '../connect/index.js';
import { isSignal } from './signals.js';

/** A federate's partition, divided again over the threads of its process. */
export interface ThreadSplit {
  /**
   * Federates 0 … threads − 1 are the threads; after them, one without neurons for each in-channel of the federate. In-channels of
   * a thread: from every other thread in order, then the federate's own in order.
   */
  readonly plan: Plan;
  readonly threads: number;
  /** Threads exchange spikes every so many steps: their smallest delay. */
  readonly exchangeSteps: number;
}

/** Splits fall on multiples of this, which is what vector kernels like. */
const GRAIN = 16;
const LONGEST_EXCHANGE_STEPS = 64;

/**
 * Every population is cut into equal ranges, except that populations with zero-delay projections between them stay on one thread
 * (threads exchange between steps, not within).
 */
export function splitOverThreads(graph: Graph, plan: Plan, federate: number, threads: number): ThreadSplit {
  const together = zeroDelayComponents(graph, plan.dtNs);
  const slices = Array.from({ length: threads }, () => [] as Slice[]);
  for (const slice of plan.federates[federate].slices) {
    const component = together[slice.population];
    if (component !== undefined) slices[component % threads].push(slice);
    else for (const [t, part] of cut(slice, threads)) slices[t].push(part);
  }
  const ins = plan.channels.filter((channel) => channel.to === federate);
  const exchangeSteps = exchangeOf(graph, plan, federate);
  const federates = [
    ...slices.map((own, index) => ({
      index,
      name: `${plan.federates[federate].name}.${index}`,
      slices: own,
    })),
    ...ins.map((channel, c) => ({
      index: threads + c,
      name: plan.federates[channel.from].name,
      slices: [],
    })),
  ];
  const channels = slices.flatMap((_, to) => [
    ...slices.flatMap((own, from) =>
      from === to ? [] : [internal(graph, plan, own, from, to, exchangeSteps)],
    ),
    ...ins.map((channel, c) => ({ ...channel, from: threads + c, to })),
  ]);
  return { plan: { ...plan, federates, channels }, threads, exchangeSteps };
}

function internal(
  graph: Graph,
  plan: Plan,
  own: readonly Slice[],
  from: number,
  to: number,
  steps: number,
): ChannelPlan {
  return {
    from,
    to,
    lookaheadNs: steps * plan.dtNs,
    // All of them, so that a neuron's number on the channel is its number on the thread: threads don't renumber.
    spikes: own,
    signals: own.filter((slice) => isSignal(graph, slice)),
    graded: true,
  };
}

function* cut(slice: Slice, threads: number): Generator<[number, Slice]> {
  let begin = slice.begin;
  for (let t = 0; t < threads && begin < slice.end; t++) {
    const share = slice.begin + ((slice.end - slice.begin) * (t + 1)) / threads;
    const end = t === threads - 1 ? slice.end : Math.min(slice.end, Math.round(share / GRAIN) * GRAIN);
    if (end <= begin) continue;
    yield [t, { population: slice.population, begin, end }];
    begin = end;
  }
}

/** By population: the number of its group of populations connected without delay, or undefined where it has none. */
function zeroDelayComponents(graph: Graph, dtNs: number): (number | undefined)[] {
  const number = new Map(graph.populations.map((population, i) => [population.name, i]));
  const component: (number | undefined)[] = graph.populations.map(() => undefined);
  let next = 0;
  for (const projection of graph.projections) {
    const { expectedSynapses, minDelaySteps } = boundsOf(graph, projection, dtNs);
    if (expectedSynapses === 0 || minDelaySteps > 0) continue;
    const source = number.get(projection.source) as number;
    const target = number.get(projection.target) as number;
    const joined = component[source] ?? component[target] ?? next++;
    const merged = [component[source], component[target]];
    component.forEach((c, i) => {
      if (c !== undefined && merged.includes(c)) component[i] = joined;
    });
    component[source] = joined;
    component[target] = joined;
  }
  return component;
}

function exchangeOf(graph: Graph, plan: Plan, federate: number): number {
  const number = new Map(graph.populations.map((population, i) => [population.name, i]));
  const here = new Set(plan.federates[federate].slices.map((slice) => slice.population));
  let least = LONGEST_EXCHANGE_STEPS;
  for (const projection of graph.projections) {
    const inside = [projection.source, projection.target].every((name) =>
      here.has(number.get(name) as number),
    );
    const { minDelaySteps } = boundsOf(graph, projection, plan.dtNs);
    if (inside && minDelaySteps > 0) least = Math.min(least, minDelaySteps);
  }
  return least;
}
