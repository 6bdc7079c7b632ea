import type { Arena } from '../engine/arena.js';
import type { Ring, SpikeRun } from '../engine/deliver.js';
import type { GroupDelivery, Numerics, PoissonAdder, PoissonInput } from '../engine/numerics.js';
import type { SynapseGroup } from '../engine/synapses.js';
import { keyHigh, keyLow, Stream } from '../random/index.js';
import { type KernelModules, wasmKernel } from './bind.js';
import { type DrawKernels, wasmDrawer } from './draw.js';
import { KERNELS_BASE64 } from './gen/kernels.js';

/** The exports of `assembly/`: addresses and sizes in bytes, counts in elements. */
export interface Kernels extends DrawKernels {
  readonly deliver: (
    group: number,
    neurons: number,
    from: number,
    to: number,
    shift: number,
    sums: number,
    depth: number,
    width: number,
    step: number,
  ) => number;
  readonly deliverGraded: (
    group: number,
    neurons: number,
    values: number,
    from: number,
    to: number,
    shift: number,
    sums: number,
    depth: number,
    width: number,
    step: number,
  ) => number;
  readonly addPoisson: (
    sums: number,
    begin: number,
    end: number,
    weight: number,
    first: number,
    thresholds: number,
    thresholdCount: number,
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
    delivery: (arena, ring, group) => bindDelivery(kernelsIn(arena), arena, ring, group),
    poisson: (arena, sums, input) => bindPoisson(kernelsIn(arena), arena, sums, input),
    drawer: wasmDrawer(kernelsIn),
  };
}

function bindDelivery(kernels: Kernels, arena: Arena, ring: Ring, group: SynapseGroup): GroupDelivery {
  const at = describeGroup(arena, group);
  const sums = ring.sums.byteOffset;
  const width = ring.width * 8;
  const own = ring.sums.buffer;
  let neurons = arena.u32(256);
  let values = arena.f32(group.quantum === 0 ? 0 : 256);
  return (step, run) => {
    const local = run.neurons.buffer === own && (run.values === undefined || run.values.buffer === own);
    const { from, to, shift } = local ? run : copyRun(run);
    const list = local ? run.neurons : neurons;
    if (group.quantum === 0) {
      return kernels.deliver(at, list.byteOffset, from, to, shift, sums, ring.depth, width, step);
    }
    const payload = local && run.values !== undefined ? run.values : values;
    return kernels.deliverGraded(
      at,
      list.byteOffset,
      payload.byteOffset,
      from,
      to,
      shift,
      sums,
      ring.depth,
      width,
      step,
    );
  };

  /** Spikes that came from elsewhere are copied to where WASM can read them. */
  function copyRun(run: SpikeRun): { from: number; to: number; shift: number } {
    const count = run.to - run.from;
    if (count > neurons.length) neurons = arena.u32(count * 2);
    neurons.set(run.neurons.subarray(run.from, run.to));
    if (group.quantum !== 0) {
      if (count > values.length) values = arena.f32(count * 2);
      if (run.values === undefined) values.fill(1, 0, count);
      else values.set(run.values.subarray(run.from, run.to));
    }
    return { from: 0, to: count, shift: run.shift };
  }
}

const DESCRIPTION_BYTES = 56;

/** Writes what `Group` in assembly/deliver.ts reads; returns its address. */
function describeGroup(arena: Arena, group: SynapseGroup): number {
  const bytes = arena.u8(DESCRIPTION_BYTES);
  const view = new DataView(bytes.buffer, bytes.byteOffset, DESCRIPTION_BYTES);
  const kind = group.weights === undefined ? 0 : group.weights instanceof Float32Array ? 1 : 2;
  const words = [
    group.base * 8,
    group.firstSource,
    group.rows,
    group.rowStart.byteOffset,
    group.targets.byteOffset,
    group.weights?.byteOffset ?? 0,
    kind,
    group.delay ?? -1,
    group.segmentStart?.byteOffset ?? 0,
    group.segmentDelay?.byteOffset ?? 0,
  ];
  for (const [i, word] of words.entries()) view.setInt32(4 * i, word | 0, true);
  view.setFloat64(40, group.weight ?? 0, true);
  view.setFloat64(48, group.quantum, true);
  return bytes.byteOffset;
}

function bindPoisson(kernels: Kernels, arena: Arena, sums: Float64Array, input: PoissonInput): PoissonAdder {
  const { begin, end, weight, table, seed, stimulus } = input;
  // A threshold of 2^32 is above every word.
  const reachable = table.thresholds.filter((threshold) => threshold < 2 ** 32);
  const thresholds = arena.u32(reachable.length);
  thresholds.set(reachable);
  const k0 = keyLow(seed);
  const k1 = keyHigh(seed, Stream.PoissonStimulus);
  const base = sums.byteOffset;
  return (step, place) =>
    kernels.addPoisson(
      base + place * 8,
      begin,
      end,
      weight,
      table.first,
      thresholds.byteOffset,
      thresholds.length,
      k0,
      k1,
      step,
      stimulus,
    );
}
