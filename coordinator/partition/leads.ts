/** Adapters that have to have their input some steps before it acts: the delays to them have to be long enough. Pure. */
import { type ChannelPlan, type FederatePlan, formatTimeNs, GraphError } from '../../graph/index.js';
import type { Network } from './network.js';
import type { WorkerSpec } from './workers.js';

/**
 * @throws GraphError for a delay that is shorter than what its target's adapter needs, and for adapters that would wait for each other for ever
 */
export function checkLeads(
  network: Network,
  workers: readonly WorkerSpec[],
  federates: readonly FederatePlan[],
  channels: readonly ChannelPlan[],
): void {
  const { dtNs } = network;
  const leadOf = (federate: number): number => workers[federate].leadSteps ?? 0;
  const left = (channel: ChannelPlan): number => channel.lookaheadNs / dtNs - leadOf(channel.to);
  const short = channels.find((channel) => leadOf(channel.to) > 0 && left(channel) < 0);
  if (short !== undefined) {
    const needs = leadOf(short.to);
    throw new GraphError(
      `projections.${shortest(network, federates, short)}.delay`,
      `adapter '${workers[short.to].name}' needs its input ${steps(needs)} before it acts: found ${delay(short, dtNs)} from ${workers[short.from].name}, expected at least ${formatTimeNs(needs * dtNs)}`,
    );
  }
  const loop = loopOf(channels.filter((channel) => left(channel) === 0));
  if (loop.length === 0) return;
  const names = [...new Set(loop.map(({ to }) => workers[to].name))].map((name) => `'${name}'`);
  const found = loop.map((channel) => {
    const projection = shortest(network, federates, channel);
    return `${delay(channel, dtNs)} from ${workers[channel.from].name} to ${workers[channel.to].name} (${projection})`;
  });
  throw new GraphError(
    `projections.${shortest(network, federates, loop[0])}.delay`,
    `${names.length === 1 ? 'adapter' : 'adapters'} ${names.join(' and ')}: each needs its input some steps before it acts, and they would wait for each other: found ${found.join(', ')}; expected one step more (${formatTimeNs(dtNs)}) on one of these ways`,
  );
}

const steps = (n: number): string => `${n} step${n === 1 ? '' : 's'}`;

function delay({ lookaheadNs }: ChannelPlan, dtNs: number): string {
  return `a delay of ${formatTimeNs(lookaheadNs)} (${steps(Math.round(lookaheadNs / dtNs))})`;
}

/** The projection that gives a channel its lookahead. */
function shortest(
  { graph, edges, dtNs }: Network,
  federates: readonly FederatePlan[],
  { from, to, lookaheadNs }: ChannelPlan,
): string {
  const has = (federate: number, population: number): boolean =>
    federates[federate].slices.some((slice) => slice.population === population);
  const found = edges.find(
    ({ source, target, bounds }) =>
      has(from, source) && has(to, target) && bounds.minDelaySteps * dtNs === lookaheadNs,
  );
  return found === undefined ? '' : graph.projections[found.index].name;
}

/** A circle in these channels, in its order; empty where there is none. */
function loopOf(channels: readonly ChannelPlan[]): readonly ChannelPlan[] {
  let left = channels;
  for (let before = -1; before !== left.length; ) {
    before = left.length;
    const of = left;
    left = of.filter(
      ({ from, to }) => of.some((other) => other.to === from) && of.some((other) => other.from === to),
    );
  }
  const path: ChannelPlan[] = [];
  for (let next: ChannelPlan | undefined = left[0]; next !== undefined; ) {
    const { to }: ChannelPlan = next;
    path.push(next);
    const again = path.findIndex(({ from }) => from === to);
    if (again >= 0) return path.slice(again);
    next = left.find(({ from }) => from === to);
  }
  return [];
}
