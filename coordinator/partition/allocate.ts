import { GraphError } from '../../graph/index.js';
import type { Network } from './network.js';
import { reachable, type WorkerSpec } from './workers.js';

/** Neurons [begin, end) of a population on a worker. */
export interface Piece {
  readonly worker: number;
  readonly begin: number;
  readonly end: number;
}

/** Pieces by population, each in ascending order. */
export type Allocation = readonly (readonly Piece[])[];

export interface Setting {
  readonly network: Network;
  readonly workers: readonly WorkerSpec[];
  readonly pins: readonly number[];
  /** Workers in the order in which zero-delay paths lead forward. */
  readonly ranks: readonly number[];
}

/** Pieces this small aren't worth a cut, as a share of a worker's load. */
const CRUMB = 0.05;
/** Neurons for each worker. */
const FEW = 4;
/** Cuts of big populations are at multiples of it: four neurons share a block of random words. */
const ALIGNMENT = 4;

/**
 * Allocates lines of populations one after the other: each line is cut into contiguous chunks that go to the workers in their ranks, in
 * proportion to what room the workers have.
 * @throws GraphError where capacities don't suffice, naming the population
 */
export function allocate(
  setting: Setting,
  lines: readonly (readonly number[])[],
  nobodyIdle = false,
): Allocation {
  const filler = new Filler(setting, nobodyIdle);
  for (const line of lines) filler.fill(line);
  return filler.pieces;
}

class Filler {
  readonly pieces: Piece[][];
  private readonly room: Float64Array;
  private readonly load: Float64Array;
  private readonly used: Uint8Array;
  private readonly rankOf: number[];
  /** Zero-delay predecessors of each population. */
  private readonly before: number[][];
  /** Rank of the first worker that a zero-delay successor of each population is placed on. */
  private readonly lastRank: readonly number[];
  private readonly shares: Float64Array;
  /** Load of the populations that were placed by their hints. */
  private readonly placed: Float64Array;
  /** Load of the lines so far. */
  private shared = 0;

  constructor(
    private readonly setting: Setting,
    private readonly nobodyIdle: boolean,
  ) {
    const { network, workers, pins, ranks } = setting;
    this.pieces = network.nodes.map(() => []);
    this.room = Float64Array.from(workers, ({ capacity }) => capacity ?? Number.POSITIVE_INFINITY);
    this.load = new Float64Array(workers.length);
    this.used = new Uint8Array(workers.length);
    this.rankOf = workers.map((_, w) => ranks.indexOf(w));
    this.before = network.nodes.map(() => []);
    for (const { source, target, zeroDelay } of network.edges)
      if (zeroDelay) this.before[target].push(source);
    this.lastRank = lastRanks(setting, this.rankOf);
    for (const node of network.nodes)
      if (pins[node.index] >= 0) this.place(node.index, pins[node.index], 0, node.size);
    this.placed = this.load.slice();
    this.shares = this.sharesOf();
  }

  /** What part of the populations that nothing is said of each worker should get: it brings their loads level. */
  private sharesOf(): Float64Array {
    const { network, workers, pins } = this.setting;
    const free = network.nodes.filter(({ index }) => pins[index] < 0);
    const total = free.reduce((sum, { cost, size }) => sum + cost * size, 0);
    const neurons = free.reduce((sum, { size }) => sum + size, 0);
    const limit = workers.map(({ onlyPlaced }, w) =>
      onlyPlaced === true ? 0 : neurons === 0 ? 0 : (this.room[w] / neurons) * total,
    );
    let low = 0;
    let high = total + this.load.reduce((sum, load) => sum + load, 0) + 1;
    const share = (level: number, w: number): number => Math.min(limit[w], Math.max(0, level - this.load[w]));
    const filled = (level: number): number => limit.reduce((sum, _, w) => sum + share(level, w), 0);
    for (let i = 0; i < 100; i++) {
      const middle = (low + high) / 2;
      if (filled(middle) < total) low = middle;
      else high = middle;
    }
    const sum = filled(high);
    return Float64Array.from(workers, (_, w) => (sum > 0 ? share(high, w) / sum : 0));
  }

  fill(line: readonly number[]): void {
    const { network, pins } = this.setting;
    const free = line.filter((index) => pins[index] < 0 && network.nodes[index].size > 0);
    const quotas = this.quotasOf(free);
    // A little more for each worker is tried where limits leave some neurons over; without end at last.
    for (const factor of [1, 1.1, 1.5, 3, Number.POSITIVE_INFINITY]) {
      const open = !Number.isFinite(factor);
      const quota = quotas.map((part) => (open ? factor : part * factor));
      const left = this.walk(free, quota, open);
      if (left === undefined) return;
    }
  }

  /** Loads of a line for each worker. A few neurons can't be shared out evenly: they make up for what lines before left uneven. */
  private quotasOf(line: readonly number[]): Float64Array {
    const { nodes } = this.setting.network;
    const total = line.reduce((sum, i) => sum + nodes[i].cost * nodes[i].size, 0);
    const neurons = line.reduce((sum, i) => sum + nodes[i].size, 0);
    const before = this.shared;
    this.shared += total;
    if (neurons >= FEW * this.shares.length) return this.shares.map((share) => share * total);
    const owed = this.shares.map((share, w) =>
      Math.max(0, share * (before + total) - (this.load[w] - this.placed[w])),
    );
    const sum = owed.reduce((a, b) => a + b, 0);
    return owed.map((part) => (sum > 0 ? (part / sum) * total : 0));
  }

  /** Returns a population that found no room, with everything as it was; throws when this is the last attempt. */
  private walk(line: readonly number[], quota: Float64Array, last: boolean): number | undefined {
    const { nodes } = this.setting.network;
    const undo: (() => void)[] = [];
    const spent = new Float64Array(quota.length);
    let neurons = line.reduce((sum, i) => sum + nodes[i].size, 0);
    let start = 0;
    for (const index of line) {
      const allowed = this.allowedFor(index);
      let at = Math.max(
        0,
        allowed.findIndex((w) => this.rankOf[w] >= start),
      );
      if (allowed.length > 0 && this.rankOf[allowed[allowed.length - 1]] < start) at = allowed.length - 1;
      let begin = 0;
      const { size, cost } = nodes[index];
      while (begin < size && at < allowed.length) {
        const worker = allowed[at];
        const take = this.takeOf(worker, begin, size, cost, quota[worker] - spent[worker], quota[worker], {
          lastAllowed: at === allowed.length - 1,
          later: this.idleAfter(worker),
          neurons,
        });
        if (take > 0) {
          undo.push(this.place(index, worker, begin, begin + take));
          spent[worker] += take * cost;
          begin += take;
          neurons -= take;
          start = this.rankOf[worker];
        }
        if (begin < size) at++;
      }
      if (begin < size) {
        if (last) throw this.noRoom(index, allowed);
        for (const step of undo.reverse()) step();
        return index;
      }
    }
    return undefined;
  }

  /** How many of the population's neurons from `begin` on go to this worker. */
  private takeOf(
    worker: number,
    begin: number,
    size: number,
    cost: number,
    room: number,
    quota: number,
    line: { readonly lastAllowed: boolean; readonly later: number; readonly neurons: number },
  ): number {
    const remaining = size - begin;
    let take = remaining;
    if (!line.lastAllowed) {
      take = Math.min(remaining, Math.max(0, Math.round(room / cost)));
      if ((remaining - take) * cost < CRUMB * quota) take = remaining;
      else if (take * cost < CRUMB * quota) take = 0;
      else if (take >= 16 * ALIGNMENT) take = Math.round((begin + take) / ALIGNMENT) * ALIGNMENT - begin;
    }
    if (this.nobodyIdle) {
      if (this.used[worker] === 0) take = Math.max(1, take);
      if (!line.lastAllowed) take = Math.min(take, Math.max(0, line.neurons - line.later));
    }
    return Math.max(0, Math.min(take, remaining, this.room[worker]));
  }

  private idleAfter(worker: number): number {
    const { workers, ranks } = this.setting;
    return ranks
      .slice(this.rankOf[worker] + 1)
      .filter((w) => this.used[w] === 0 && workers[w].onlyPlaced !== true && this.room[w] > 0).length;
  }

  /**
   * Workers that may hold a population: at or after those of its zero-delay predecessors, at or before those that its
   * successors are placed on.
   */
  private allowedFor(index: number): number[] {
    const { workers, ranks } = this.setting;
    let first = 0;
    for (const source of this.before[index]) {
      for (const piece of this.pieces[source]) first = Math.max(first, this.rankOf[piece.worker]);
    }
    const last = this.lastRank[index];
    return ranks.filter((w, rank) => rank >= first && rank <= last && workers[w].onlyPlaced !== true);
  }

  /** Returns how to take it back. */
  private place(index: number, worker: number, begin: number, end: number): () => void {
    const node = this.setting.network.nodes[index];
    if (end - begin > this.room[worker]) throw this.noRoom(index, [worker]);
    const wasUsed = this.used[worker];
    this.pieces[index].push({ worker, begin, end });
    this.room[worker] -= end - begin;
    this.load[worker] += (end - begin) * node.cost;
    if (end > begin) this.used[worker] = 1;
    return () => {
      this.pieces[index].pop();
      this.room[worker] += end - begin;
      this.load[worker] -= (end - begin) * node.cost;
      this.used[worker] = wasUsed;
    };
  }

  private noRoom(index: number, allowed: readonly number[]): GraphError {
    const { network, workers } = this.setting;
    const { name, size } = network.nodes[index];
    if (allowed.length === 0) {
      return new GraphError(
        `populations.${name}`,
        'found no federate that may hold it: its projections without delay come from or lead to federates that hold placed populations only, expected a placement or a delay',
      );
    }
    const limits = allowed.map((w) => `${workers[w].name} ${workers[w].capacity ?? 'any number'}`).join(', ');
    return new GraphError(
      `populations.${name}`,
      `found ${size} neurons and too little capacity left for them, expected room on its federates (neurons that each can hold: ${limits})`,
    );
  }
}

function lastRanks({ network, pins, ranks }: Setting, rankOf: readonly number[]): number[] {
  const none = ranks.length - 1;
  if (pins.every((pin) => pin < 0)) return network.nodes.map(() => none);
  return network.nodes.map(({ index }) =>
    [...reachable(network, index)].reduce(
      (last, later) => (pins[later] < 0 ? last : Math.min(last, rankOf[pins[later]])),
      none,
    ),
  );
}
