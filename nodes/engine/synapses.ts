import type { SynapseColumns } from '../connect/index.js';
import type { Arena } from './arena.js';

/**
 * Incoming synapses by source. All synapses of a group end within 65,536 accumulators of one port, so a target is 16 bits; a
 * group has one weight, or one a synapse (float32 where every weight is one). A source's row is sorted by delay; where
 * the group has more than one delay, a row is cut into segments of one delay each.
 */
export interface SynapseGroup {
  /** Added to each target: where the group's 65,536 accumulators begin. */
  readonly base: number;
  /** Rows are of sources [firstSource, firstSource + rows). */
  readonly firstSource: number;
  readonly rows: number;
  /** Constant weight; undefined where `weights` has one a synapse. */
  readonly weight: number | undefined;
  readonly weights: Float32Array | Float64Array | undefined;
  /** Of graded sources: what payload × weight is rounded to. 0 for plain spikes. */
  readonly quantum: number;
  readonly targets: Uint16Array;
  /** One delay for all: `rowStart[row]` is a synapse. Otherwise it is a segment, and segments say where synapses start. */
  readonly delay: number | undefined;
  readonly rowStart: Uint32Array;
  readonly segmentStart: Uint32Array | undefined;
  readonly segmentDelay: Uint16Array | undefined;
}

/** A projection's synapses into one block, ready to be sorted into groups. */
export interface SynapsePart {
  readonly columns: SynapseColumns;
  /** Compact number of the source population's neuron 0. */
  readonly sourceBase: number;
  /** Port of each synapse: one for all, or chosen by the weight's sign between ports 0 and 1. */
  readonly port: number | 'by_sign';
  /** Neuron number within the population minus this is the place in the block. */
  readonly begin: number;
  /** The block's accumulators and quanta, for each port. */
  readonly portPlaces: readonly number[];
  readonly quanta: readonly number[];
  /** Whether the source's spikes carry payloads. */
  readonly graded: boolean;
}

/** Key of a group and the synapses (part, index) in it; parts in the graph's order. */
interface Bin {
  readonly base: number;
  readonly weight: number | undefined;
  readonly quantum: number;
  readonly entries: {
    readonly part: SynapsePart;
    readonly index: Uint32Array;
    readonly place: number;
    readonly quantum: number;
  }[];
}

const CHUNK = 65536;

export function buildSynapses(
  arena: Arena,
  portBase: readonly number[],
  parts: readonly SynapsePart[],
): SynapseGroup[] {
  const bins = new Map<string, Bin>();
  for (const part of parts) sortIntoBins(bins, portBase, part);
  return [...bins.values()].map((bin) => buildGroup(arena, bin));
}

function sortIntoBins(bins: Map<string, Bin>, portBase: readonly number[], part: SynapsePart): void {
  const { targets, weights } = part.columns;
  const constant = typeof weights === 'number';
  const lists = new Map<string, { port: number; chunk: number; index: number[] }>();
  for (let i = 0; i < targets.length; i++) {
    const weight = constant ? weights : weights[i];
    const port = part.port === 'by_sign' ? (weight >= 0 ? 0 : 1) : part.port;
    const place = part.portPlaces[port] + targets[i] - part.begin;
    const chunk = Math.floor((place - portBase[port]) / CHUNK);
    const key = `${port}:${chunk}`;
    let list = lists.get(key);
    if (list === undefined) {
      list = { port, chunk, index: [] };
      lists.set(key, list);
    }
    list.index.push(i);
  }
  for (const [key, { port, chunk, index }] of lists) {
    const quantum = part.quanta[port];
    const weight = constant ? roundTo(weights, quantum) : undefined;
    const gradedQuantum = part.graded ? quantum : 0;
    const binKey = `${key}:${weight === undefined ? 'each' : weight}:${gradedQuantum}`;
    let bin = bins.get(binKey);
    if (bin === undefined) {
      bin = { base: portBase[port] + chunk * CHUNK, weight, quantum: gradedQuantum, entries: [] };
      bins.set(binKey, bin);
    }
    bin.entries.push({
      part,
      index: Uint32Array.from(index),
      place: part.portPlaces[port] - part.begin - bin.base,
      quantum,
    });
  }
}

function buildGroup(arena: Arena, bin: Bin): SynapseGroup {
  const count = bin.entries.reduce((sum, entry) => sum + entry.index.length, 0);
  const sources = new Uint32Array(count);
  const delays = new Uint16Array(count);
  const targets = new Uint16Array(count);
  const weights = bin.weight === undefined ? new Float64Array(count) : undefined;
  let at = 0;
  for (const { part, index, place, quantum } of bin.entries) {
    const { columns } = part;
    for (const i of index) {
      sources[at] = part.sourceBase + columns.sources[i];
      targets[at] = place + columns.targets[i];
      delays[at] = typeof columns.delaySteps === 'number' ? columns.delaySteps : columns.delaySteps[i];
      if (weights !== undefined) weights[at] = roundTo((columns.weights as Float64Array)[i], quantum);
      at++;
    }
  }
  return sortGroup(arena, bin, { sources, delays, targets, weights });
}

interface Unsorted {
  readonly sources: Uint32Array;
  readonly delays: Uint16Array;
  readonly targets: Uint16Array;
  readonly weights: Float64Array | undefined;
}

function sortGroup(arena: Arena, bin: Bin, unsorted: Unsorted): SynapseGroup {
  const { sources, delays, weights } = unsorted;
  const count = sources.length;
  const firstSource = sources.reduce((least, s) => Math.min(least, s), Number.MAX_SAFE_INTEGER);
  const rows = sources.reduce((most, s) => Math.max(most, s), 0) - firstSource + 1;
  const order = stableOrder(stableOrder(undefined, delays, 65536), sources, rows, firstSource);
  const pick = <A extends Uint16Array | Float32Array | Float64Array>(into: A, from: ArrayLike<number>): A => {
    for (let i = 0; i < count; i++) into[i] = from[order[i]];
    return into;
  };
  const singles = weights?.every((w) => Math.fround(w) === w);
  const sameDelay = delays.every((d) => d === delays[0]);
  return {
    base: bin.base,
    firstSource,
    rows,
    weight: bin.weight,
    weights: weights === undefined ? undefined : pick(singles ? arena.f32(count) : arena.f64(count), weights),
    quantum: bin.quantum,
    targets: pick(arena.u16(count), unsorted.targets),
    ...(sameDelay
      ? { delay: delays[0], rowStart: rowStarts(arena, order, sources, firstSource, rows), ...NO_SEGMENTS }
      : { delay: undefined, ...segments(arena, order, sources, delays, firstSource, rows) }),
  };
}

const NO_SEGMENTS = { segmentStart: undefined, segmentDelay: undefined } as const;

/** Positions of `keys` in ascending order, equal keys in the order given: a counting sort. */
function stableOrder(
  order: Uint32Array | undefined,
  keys: Uint16Array | Uint32Array,
  range: number,
  least = 0,
): Uint32Array {
  const starts = new Uint32Array(range + 1);
  for (let i = 0; i < keys.length; i++) starts[keys[i] - least + 1]++;
  for (let k = 0; k < range; k++) starts[k + 1] += starts[k];
  const sorted = new Uint32Array(keys.length);
  for (let i = 0; i < keys.length; i++) {
    const from = order === undefined ? i : order[i];
    sorted[starts[keys[from] - least]++] = from;
  }
  return sorted;
}

function rowStarts(
  arena: Arena,
  order: Uint32Array,
  sources: Uint32Array,
  first: number,
  rows: number,
): Uint32Array {
  const starts = arena.u32(rows + 1);
  for (let i = 0; i < order.length; i++) starts[sources[order[i]] - first + 1]++;
  for (let row = 0; row < rows; row++) starts[row + 1] += starts[row];
  return starts;
}

function segments(
  arena: Arena,
  order: Uint32Array,
  sources: Uint32Array,
  delays: Uint16Array,
  first: number,
  rows: number,
): Pick<SynapseGroup, 'rowStart' | 'segmentStart' | 'segmentDelay'> {
  const opens = (i: number): boolean =>
    i === 0 || sources[order[i]] !== sources[order[i - 1]] || delays[order[i]] !== delays[order[i - 1]];
  let count = 0;
  for (let i = 0; i < order.length; i++) if (opens(i)) count++;
  const rowStart = arena.u32(rows + 1);
  const segmentStart = arena.u32(count + 1);
  const segmentDelay = arena.u16(count);
  let segment = 0;
  for (let i = 0; i < order.length; i++) {
    if (!opens(i)) continue;
    segmentStart[segment] = i;
    segmentDelay[segment] = delays[order[i]];
    rowStart[sources[order[i]] - first + 1]++;
    segment++;
  }
  segmentStart[count] = order.length;
  for (let row = 0; row < rows; row++) rowStart[row + 1] += rowStart[row];
  return { rowStart, segmentStart, segmentDelay };
}

const INTEGERS = 2 ** 52;

/** The multiple of q (a power of two) nearest to x, ties to even: then sums of such values are exact. */
export function roundTo(x: number, q: number): number {
  const units = x / q;
  if (units >= INTEGERS || units <= -INTEGERS) return x;
  return (units >= 0 ? units + INTEGERS - INTEGERS : units - INTEGERS + INTEGERS) * q;
}
