import { type FederatePlan, type Graph, type Plan, RunError, type RunSettings } from '../../graph/index.js';
import { type Allocation, allocate, type Setting } from './allocate.js';
import { channelsOf, crossingsOf, zeroLookaheadCycle } from './channels.js';
import { overInstances } from './instances.js';
import { checkLeads } from './leads.js';
import { type Network, networkOf } from './network.js';
import { affinityOrder, zeroDelayGroups } from './order.js';
import { byWholePopulations } from './whole.js';
import { pinsOf, rankWorkers, type WorkerSpec, workersOf } from './workers.js';

export interface PartitionOptions {
  /** How many federates, or which. Their order is the plan's. */
  readonly workers: number | readonly WorkerSpec[];
  /** Rate of neurons of which nothing better is known, for the balance of loads; 10 Hz when undefined. */
  readonly assumedRateHz?: number;
}

/**
 * Divides a graph over federates. The same graph, settings and workers give the same plan; what is simulated doesn't depend on it.
 *
 * Several ways are tried and the cheapest by estimate is taken: every population spread over all federates; all populations in a row, cut
 * into as many chunks; whole populations. Zero-delay projections never lead backwards in the order of federates, so that channels without
 * lookahead form no cycle and a feed-forward chain becomes a pipeline. A federate without neurons is legal (`emptyFederates`).
 * @throws InputError for workers that make no sense; GraphError for a placement that names nobody or a capacity that doesn't suffice
 */
export function partition(graph: Graph, settings: RunSettings, options: PartitionOptions): Plan {
  const { dtNs, durationNs, seed } = settings;
  const workers = workersOf(options.workers);
  const network = networkOf(graph, dtNs, durationNs, options.assumedRateHz);
  const pins = pinsOf(network, workers);
  const setting: Setting = { network, workers, pins, ranks: rankWorkers(network, workers, pins) };
  const ways = candidates(setting).map((allocation) => overInstances(allocation, workers));
  const best = cheapest(network, workers, ways);
  const federates = workers.map(
    ({ name, adapter }, index): FederatePlan => ({
      index,
      name,
      ...(adapter === undefined ? {} : { adapter }),
      slices: slicesOf(best.allocation, index),
    }),
  );
  const cycle = zeroLookaheadCycle(best.channels, workers.length);
  if (cycle !== undefined) {
    throw new RunError(
      'PARTITION_CYCLE',
      `federates ${cycle.join(', ')} would wait for each other without lookahead`,
    );
  }
  checkLeads(network, workers, federates, best.channels);
  return { dtNs, durationNs, seed, federates, channels: best.channels };
}

/** Names of the federates that have nothing to simulate. */
export function emptyFederates({ federates }: Plan): string[] {
  return federates.filter(({ slices }) => slices.length === 0).map(({ name }) => name);
}

function slicesOf(allocation: Allocation, worker: number): FederatePlan['slices'] {
  return allocation.flatMap((pieces, population) =>
    pieces
      .filter((piece) => piece.worker === worker && piece.end > piece.begin)
      .map(({ begin, end }) => ({ population, begin, end })),
  );
}

function candidates(setting: Setting): Allocation[] {
  const groups = zeroDelayGroups(setting.network);
  if (setting.workers.length === 1) return [allocate(setting, groups)];
  const spread = allocate(setting, groups);
  const others = [
    allocate(setting, [affinityOrder(setting.network)], true),
    ...byWholePopulations(setting, groups),
  ];
  return blockCount(setting.network, spread) > MOST_BLOCKS ? others : [spread, ...others];
}

/** Spreading very many populations over very many federates cuts everything to crumbs. */
const MOST_BLOCKS = 1e6;

function blockCount({ edges }: Network, allocation: Allocation): number {
  return edges.reduce(
    (sum, { source, target }) => sum + allocation[source].length * allocation[target].length,
    0,
  );
}

interface Candidate {
  readonly allocation: Allocation;
  readonly channels: Plan['channels'];
  readonly idle: number;
  readonly cost: number;
}

function cheapest(
  network: Network,
  workers: readonly WorkerSpec[],
  allocations: readonly Allocation[],
): Candidate {
  const judged = allocations.map((allocation): Candidate => {
    const channels = channelsOf(network, allocation, crossingsOf(network, allocation));
    const busy = new Set(allocation.flatMap((pieces) => pieces.map(({ worker }) => worker)));
    return {
      allocation,
      channels,
      idle: workers.length - busy.size,
      cost: costOf(network, workers, allocation, channels),
    };
  });
  return judged.reduce((best, next) =>
    next.idle < best.idle || (next.idle === best.idle && next.cost < best.cost * CLEARLY) ? next : best,
  );
}

/** The first way, in which every federate has its part of every population, is the safest where rates are other than assumed. */
const CLEARLY = 0.95;
/** Rough costs in ns: of an event or value that crosses, at both ends, and of one exchange with everybody. */
const NS = { spike: 5, signal: 1, exchange: 20_000 };
/** Windows of federates that no loop holds back. */
const FREE_WINDOW_NS = 1e6;

/** Estimated time of the slowest federate, in ns per second of biological time. */
function costOf(
  network: Network,
  workers: readonly WorkerSpec[],
  allocation: Allocation,
  channels: Plan['channels'],
): number {
  const { nodes, dtNs } = network;
  const work = new Float64Array(workers.length);
  const lookahead = new Float64Array(workers.length).fill(Number.POSITIVE_INFINITY);
  allocation.forEach((pieces, population) => {
    // A device does its own work.
    for (const { worker, begin, end } of pieces)
      if (workers[worker].adapter === undefined) work[worker] += (end - begin) * nodes[population].cost;
  });
  for (const { from, to, lookaheadNs, spikes, signals } of channels) {
    const events = spikes.reduce((sum, s) => sum + (s.end - s.begin) * nodes[s.population].rateHz, 0);
    const values = signals.reduce((sum, s) => sum + (s.end - s.begin) * (1e9 / dtNs), 0);
    const traffic = events * NS.spike + values * NS.signal;
    work[from] += traffic;
    work[to] += traffic;
    lookahead[to] = Math.min(lookahead[to], lookaheadNs === 0 ? FREE_WINDOW_NS : lookaheadNs);
  }
  return work.reduce((most, w, i) => Math.max(most, w + (1e9 / lookahead[i]) * NS.exchange), 0);
}
