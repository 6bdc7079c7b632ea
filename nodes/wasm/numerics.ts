import type { Arena } from '../engine/arena.js';
import type { SpikeRun } from '../engine/deliver.js';
import type { SpikeHistory } from '../engine/history.js';
import {
  type GroupDelivery,
  interpreted,
  type Numerics,
  type PoissonAdder,
  type PoissonInput,
} from '../engine/numerics.js';
import type { SynapseGroup } from '../engine/synapses.js';
import { keyHigh, keyLow, type PoissonTable, Stream } from '../random/index.js';
import { type KernelModules, wasmKernel } from './bind.js';
import { type DrawKernels, wasmDrawer } from './draw.js';
import { KERNELS_BASE64 } from './gen/kernels.js';
import { wasmPlastic } from './synapse/bind.js';

/** The exports of `assembly/`: addresses and sizes in bytes, counts in elements. */
export interface Kernels extends DrawKernels {
  readonly pull: (group: number, slots: number, depth: number, step: number) => number;
  readonly enqueue: (
    group: number,
    neurons: number,
    from: number,
    to: number,
    depth: number,
    step: number,
  ) => number;
  readonly applyQueue: (group: number, depth: number, step: number) => number;
  readonly grant: (pool: number, address: number, bytes: number) => void;
  readonly deliverBin: (
    group: number,
    bin: number,
    neurons: number,
    values: number,
    count: number,
    shift: number,
  ) => number;
  readonly addPoisson: (
    sums: number,
    begin: number,
    end: number,
    weight: number,
    table: number,
    k0: number,
    k1: number,
    step: number,
    stimulus: number,
  ) => void;
}

let compiled: WebAssembly.Module | undefined;

/** Numerics in WASM, for blocks whose kernels are in `modules`. */
export function wasmNumerics(modules: KernelModules): Numerics {
  compiled ??= new WebAssembly.Module(Buffer.from(KERNELS_BASE64, 'base64'));
  const module = compiled;
  const instances = new WeakMap<Arena, Kernels>();
  const kernelsIn = (arena: Arena): Kernels => {
    const known = instances.get(arena);
    if (known !== undefined) return known;
    const { exports } = new WebAssembly.Instance(module, { env: { memory: arena.memory } });
    const kernels = exports as unknown as Kernels;
    instances.set(arena, kernels);
    return kernels;
  };
  return {
    kernel: (arena, kernel, data) => wasmKernel(modules, arena.memory, kernel, data),
    delivery: (arena, sums, group, history) => bindDelivery(kernelsIn(arena), arena, sums, group, history),
    poisson: (arena, sums, input) => bindPoisson(kernelsIn(arena), arena, sums, input),
    plastic: (arena, sums, memory) => wasmPlastic(modules, arena, sums, memory),
    drawer: wasmDrawer(kernelsIn),
  };
}

/** Pieces of a row that are shorter than this cost more to find than to copy. */
const SHORT_PIECE_BYTES = 1024;
/** Each has a page at least. */
const MOST_QUEUES = 256;

function bindDelivery(
  kernels: Kernels,
  arena: Arena,
  sums: Float64Array,
  group: SynapseGroup,
  history: SpikeHistory,
): GroupDelivery {
  const { rows, bins, firstDelay, quantum, records } = group;
  const { depth, slots } = history;
  const short = records.length / (rows * bins) < SHORT_PIECE_BYTES;
  const queued = quantum === 0 && firstDelay > 0 && bins > 1 && bins <= MOST_QUEUES && short;
  const queues = queued ? makeQueues(arena, depth) : undefined;
  const at = describeGroup(arena, sums, group, queues);
  if (queues !== undefined) return { group, ...bindQueued(kernels, arena, at, queues.pool, history) };
  return {
    group,
    pull: (step) => kernels.pull(at, slots.byteOffset, depth, step),
    now: bindImmediate(kernels, arena, at),
  };
}

interface Queues {
  readonly queues: number;
  readonly pool: number;
}

/** A queue for each step that delays reach, and a pool without memory yet. */
function makeQueues(arena: Arena, depth: number): Queues {
  return { queues: arena.u32(depth).byteOffset, pool: arena.u32(4).byteOffset };
}

const FIRST_GRANT_BYTES = 2 ** 22;

function bindQueued(
  kernels: Kernels,
  arena: Arena,
  group: number,
  pool: number,
  history: SpikeHistory,
): Required<Omit<GroupDelivery, 'group'>> {
  const { depth } = history;
  let grant = FIRST_GRANT_BYTES;
  return {
    take: (step, from, to) => {
      const { neurons } = history.at(step);
      for (let next = from; next < to; ) {
        const reached = kernels.enqueue(group, neurons.byteOffset, next, to, depth, step);
        if (reached < to) {
          // A row that didn't fit into the last grant gets a larger one.
          if (reached === next) grant *= 2;
          kernels.grant(pool, arena.u8(grant).byteOffset, grant);
        }
        next = reached;
      }
    },
    pull: (step) => kernels.applyQueue(group, depth, step),
    now: () => 0,
  };
}

function bindImmediate(kernels: Kernels, arena: Arena, group: number): (run: SpikeRun) => number {
  let neurons = arena.u32(0);
  let values = arena.f32(0);
  return ({ neurons: list, values: payloads, from, to, shift }) => {
    const count = to - from;
    if (count > neurons.length) {
      neurons = arena.u32(count * 2);
      values = arena.f32(count * 2);
    }
    neurons.set(list.subarray(from, to));
    if (payloads === undefined) values.fill(1, 0, count);
    else values.set(payloads.subarray(from, to));
    return kernels.deliverBin(group, 0, neurons.byteOffset, values.byteOffset, count, shift);
  };
}

const DESCRIPTION_BYTES = 64;

/** Of a queue's pages, as assembly/deliver.ts has them: a page ends with room for a whole vector. */
const PAGE_BYTES = 16384;
const PAGE_HEAD_BYTES = 8;
const VECTOR_BYTES = 16;

/** Writes what `Group` in assembly/deliver.ts reads; returns its address. */
function describeGroup(
  arena: Arena,
  sums: Float64Array,
  group: SynapseGroup,
  queues: Queues | undefined,
): number {
  const bytes = arena.u8(DESCRIPTION_BYTES);
  const view = new DataView(bytes.buffer, bytes.byteOffset, DESCRIPTION_BYTES);
  const words = [
    sums.byteOffset + group.base * 8,
    group.firstSource,
    group.rows,
    group.firstDelay,
    group.bins,
    group.cells.byteOffset,
    group.records.byteOffset,
    group.stride,
    queues?.queues ?? 0,
    queues?.pool ?? 0,
    Math.floor((PAGE_BYTES - PAGE_HEAD_BYTES - VECTOR_BYTES) / group.stride) * group.stride,
    0,
  ];
  for (const [i, word] of words.entries()) view.setUint32(4 * i, word, true);
  view.setFloat64(48, group.weight ?? 0, true);
  view.setFloat64(56, group.quantum, true);
  return bytes.byteOffset;
}

function bindPoisson(kernels: Kernels, arena: Arena, sums: Float64Array, input: PoissonInput): PoissonAdder {
  const { begin, end, weight, table, seed, stimulus } = input;
  // Counts in 16-bit lanes: beyond, one at a time costs little beside what so many events mean.
  if (table.largest > 0xffff) return interpreted.poisson(arena, sums, input);
  const description = describeTable(arena, table);
  const k0 = keyLow(seed);
  const k1 = keyHigh(seed, Stream.PoissonStimulus);
  const base = sums.byteOffset;
  return (step, place) =>
    kernels.addPoisson(base + place * 8, begin, end, weight, description, k0, k1, step, stimulus);
}

/** Writes what `Table` in assembly/poisson.ts reads; returns its address. */
function describeTable(arena: Arena, { first, high, low }: PoissonTable): number {
  const highs = arena.u16(high.length);
  const lows = arena.u32(low.length);
  highs.set(high);
  lows.set(low);
  const words = arena.u32(4);
  words.set([first, high.length, highs.byteOffset, lows.byteOffset]);
  return words.byteOffset;
}
