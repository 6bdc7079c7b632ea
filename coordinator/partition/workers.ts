import { GraphError, InputError } from '../../graph/index.js';
import type { Network } from './network.js';

/** A federate that can hold neurons. */
export interface WorkerSpec {
  readonly name: string;
  /** Most neurons that it can hold. */
  readonly capacity?: number;
  /** Holds only populations whose `placement` names it (a board, an adapter). */
  readonly onlyPlaced?: boolean;
  /** Name of the graph's adapter that it is an instance of. */
  readonly adapter?: string;
  /** Most neurons of each of an adapter's instances, where it has several: what is placed on the first is cut over all. */
  readonly instanceNeurons?: number;
  /** Steps before they act that an adapter has to have its events; 0 when undefined. */
  readonly leadSteps?: number;
}

/** Names and limits of the workers. @throws InputError WORKERS */
export function workersOf(workers: number | readonly WorkerSpec[]): readonly WorkerSpec[] {
  const list =
    typeof workers === 'number'
      ? Array.from({ length: workers }, (_, i) => ({ name: `worker-${i}` }))
      : workers;
  if (list.length === 0 || (typeof workers === 'number' && !Number.isInteger(workers))) {
    throw new InputError(
      'WORKERS',
      `workers: found ${typeof workers === 'number' ? workers : 'none'}, expected at least 1`,
    );
  }
  const twice = list.find(({ name }, i) => list.findIndex((other) => other.name === name) !== i);
  if (twice !== undefined) {
    throw new InputError(
      'WORKERS',
      `workers: found the name "${twice.name}" twice, expected different names`,
    );
  }
  return list;
}

/** Places for software beside those of adapters. */
export function withSoftware(
  workers: number,
  adapters: readonly WorkerSpec[],
): number | readonly WorkerSpec[] {
  if (adapters.length === 0) return workers;
  return [...Array.from({ length: workers }, (_, i) => ({ name: `worker-${i}` })), ...adapters];
}

const NUMBERED = /^worker-(0|[1-9]\d*)$/;

/**
 * Worker that each population is placed on by its hint; −1 without, and for `worker-N` where the run has fewer: a graph that was divided
 * by hand for four workers runs on one, too.
 * @throws GraphError for a placement that names nobody
 */
export function pinsOf(network: Network, workers: readonly WorkerSpec[]): number[] {
  return network.graph.populations.map(({ name, placement }) => {
    if (placement === undefined) return -1;
    const worker = workers.findIndex((candidate) => candidate.name === placement);
    if (worker >= 0) return worker;
    const number = Number(NUMBERED.exec(placement)?.[1] ?? Number.NaN);
    if (number >= workers.filter((candidate) => NUMBERED.test(candidate.name)).length) return -1;
    throw new GraphError(
      `populations.${name}.placement`,
      `found "${placement}", expected the name of a federate: ${workers.map((w) => w.name).join(', ')}`,
    );
  });
}

/**
 * The workers in an order in which zero-delay paths between placed populations lead forward; their own order where nothing else is
 * said.
 * @throws GraphError where placements send a path without delay away from a worker and back
 */
export function rankWorkers(
  network: Network,
  workers: readonly WorkerSpec[],
  pins: readonly number[],
): number[] {
  const after = workers.map(() => new Set<number>());
  network.nodes.forEach(({ index }) => {
    if (pins[index] < 0) return;
    for (const later of reachable(network, index)) {
      if (pins[later] >= 0 && pins[later] !== pins[index]) after[pins[index]].add(pins[later]);
    }
  });
  const order: number[] = [];
  const left = new Set(workers.keys());
  while (left.size > 0) {
    const next = [...left].find((w) => [...left].every((other) => !after[other].has(w)));
    if (next === undefined) throw placementCycle(network, workers, pins, [...left], after);
    order.push(next);
    left.delete(next);
  }
  return order;
}

/** Populations that a zero-delay path from this one leads to. */
export function reachable({ edgesFrom }: Network, from: number): Set<number> {
  const found = new Set<number>();
  const stack = [from];
  while (stack.length > 0) {
    for (const { target, zeroDelay } of edgesFrom[stack.pop() as number]) {
      if (!zeroDelay || found.has(target)) continue;
      found.add(target);
      stack.push(target);
    }
  }
  return found;
}

function placementCycle(
  network: Network,
  workers: readonly WorkerSpec[],
  pins: readonly number[],
  left: readonly number[],
  after: readonly ReadonlySet<number>[],
): GraphError {
  const culprit = network.nodes.find(({ index }) => {
    const worker = pins[index];
    return left.includes(worker) && left.some((other) => after[other].has(worker));
  });
  const names = left.map((w) => workers[w].name).join(', ');
  return new GraphError(
    `populations.${culprit?.name}.placement`,
    `found projections without delay that lead from one of ${names} to another and back, expected them on one federate or a delay between them`,
  );
}
