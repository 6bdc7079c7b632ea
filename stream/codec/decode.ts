import type { Batch, SpikeColumns } from '../batch.js';
import {
  assertLittleEndian,
  CodecError,
  fieldOf,
  getFixed64,
  lastVarint,
  readVarint,
  skipField,
} from './wire.js';

assertLittleEndian();

/** Most steps that one batch may span: bounds what a receiver does for a message of a few bytes. */
export const MAX_BATCH_STEPS = 1 << 20;

/** Of a Batch's fields, by number. */
const WIRE_TYPES = [0, 2, 5, 5, 5, 1, 1, 1, 1, 2, 2, 5];

export interface DecodedBatch {
  readonly run: string;
  readonly stepNs: number;
  /** Its columns are views on the decoded bytes where these are aligned, else copies. */
  readonly batch: Batch;
}

const NO_NEURONS = new Uint32Array(0);
let zeroCounts = new Uint32Array(64);

/**
 * Reads a `nil.v1.Batch`. Takes any protobuf encoding of it, not only what `encodeBatch` writes. Everything that can be said of a
 * batch by itself is checked (bounds, times, lengths of columns, sum of counts); whether it belongs to a channel is the channel's to
 * check. Memory use is bounded by the message's size.
 *
 * @throws CodecError
 */
export function decodeBatch(bytes: Uint8Array): DecodedBatch {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const end = bytes.length;
  let run = '';
  let from = 0;
  let to = 0;
  let incarnation = 0;
  let toIncarnation = 0;
  let seq = 0;
  let beginNs = 0;
  let endNs = 0;
  let stepNs = 0;
  const columns: Columns = {};
  let at = 0;
  while (at < end) {
    at = readVarint(bytes, at, end);
    const tag = lastVarint();
    const field = fieldOf(tag);
    if (field >= 1 && field <= 11) expectWireType(tag, field, WIRE_TYPES[field]);
    const next = skipField(bytes, at, end, tag % 8);
    if (field === 1) run = readRun(bytes, next - lastVarint(), next);
    else if (field === 2) from = view.getUint32(at, true);
    else if (field === 3) to = view.getUint32(at, true);
    else if (field === 4) incarnation = view.getUint32(at, true);
    else if (field === 5) seq = getFixed64(view, at, 'seq');
    else if (field === 6) beginNs = getFixed64(view, at, 'begin_ns');
    else if (field === 7) endNs = getFixed64(view, at, 'end_ns');
    else if (field === 8) stepNs = getFixed64(view, at, 'step_ns');
    else if (field === 9) readSpikes(bytes, next - lastVarint(), next, columns);
    else if (field === 10) readSignals(bytes, view, next - lastVarint(), next, columns);
    else if (field === 11) toIncarnation = view.getUint32(at, true);
    at = next;
  }
  const steps = countSteps(beginNs, endNs, stepNs);
  const spikes = spikeColumns(columns, steps);
  const signals = signalColumn(columns, steps);
  const head = {
    from,
    to,
    incarnation,
    ...(toIncarnation === 0 ? {} : { toIncarnation }),
    seq,
    beginNs,
    endNs,
  };
  const batch: Batch = signals === undefined ? { ...head, spikes } : { ...head, spikes, signals };
  return { run, stepNs, batch };
}

/**
 * Whether a batch's neuron numbers are below `width` and don't descend within a step. Not part of decoding, since within one process
 * nobody needs it.
 */
export function neuronsInOrder(spikes: SpikeColumns, width: number): boolean {
  const { counts, neurons } = spikes;
  let i = 0;
  for (let step = 0; step < counts.length; step++) {
    const end = i + counts[step];
    let last = 0;
    for (; i < end; i++) {
      if (neurons[i] < last) return false;
      last = neurons[i];
    }
    if (last >= width && counts[step] > 0) return false;
  }
  return true;
}

/** What was found of the columns, before lengths are checked against each other. */
interface Columns {
  hasSpikes?: boolean;
  counts?: Uint8Array;
  neurons?: Uint8Array;
  values?: Uint8Array;
  hasSignals?: boolean;
  width?: number;
  signals?: Uint8Array;
}

function readSpikes(bytes: Uint8Array, begin: number, end: number, into: Columns): void {
  into.hasSpikes = true;
  let at = begin;
  while (at < end) {
    at = readVarint(bytes, at, end);
    const tag = lastVarint();
    const field = fieldOf(tag);
    if (field >= 1 && field <= 4) expectWireType(tag, field, field === 1 ? 0 : 2);
    const next = skipField(bytes, at, end, tag % 8);
    if (field === 1 && lastVarint() !== 0) {
      throw new CodecError(`spikes.encoding ${lastVarint()}: this receiver knows 0 only`);
    }
    if (field === 2) into.counts = bytes.subarray(next - lastVarint(), next);
    else if (field === 3) into.neurons = bytes.subarray(next - lastVarint(), next);
    else if (field === 4) into.values = bytes.subarray(next - lastVarint(), next);
    at = next;
  }
}

function readSignals(bytes: Uint8Array, view: DataView, begin: number, end: number, into: Columns): void {
  into.hasSignals = true;
  let at = begin;
  while (at < end) {
    at = readVarint(bytes, at, end);
    const tag = lastVarint();
    const field = fieldOf(tag);
    if (field === 1 || field === 2) expectWireType(tag, field, field === 1 ? 5 : 2);
    const next = skipField(bytes, at, end, tag % 8);
    if (field === 1) into.width = view.getUint32(at, true);
    else if (field === 2) into.signals = bytes.subarray(next - lastVarint(), next);
    at = next;
  }
}

function expectWireType(tag: number, field: number, wanted: number): void {
  if (tag % 8 !== wanted) throw new CodecError(`field ${field}: wire type ${tag % 8}, must be ${wanted}`);
}

function countSteps(beginNs: number, endNs: number, stepNs: number): number {
  if (stepNs === 0) throw new CodecError('step_ns: 0, must be positive');
  const steps = (endNs - beginNs) / stepNs;
  if (steps < 1 || !Number.isInteger(steps)) {
    throw new CodecError(`window (${beginNs}, ${endNs}]: must be one or more steps of ${stepNs} ns`);
  }
  if (steps > MAX_BATCH_STEPS) throw new CodecError(`window of ${steps} steps: at most ${MAX_BATCH_STEPS}`);
  return steps;
}

function spikeColumns(c: Columns, steps: number): SpikeColumns {
  if (!c.hasSpikes) return { counts: zeros(steps), neurons: NO_NEURONS };
  if ((c.counts?.length ?? 0) !== steps * 4) {
    throw new CodecError(
      `spikes.counts: ${c.counts?.length ?? 0} bytes, must be ${steps * 4} for ${steps} steps`,
    );
  }
  const counts = aligned(c.counts!, 4, uint32s);
  let sum = 0;
  for (let i = 0; i < counts.length; i++) sum += counts[i];
  if ((c.neurons?.length ?? 0) !== sum * 4) {
    throw new CodecError(
      `spikes.neurons: ${c.neurons?.length ?? 0} bytes, must be ${sum * 4}: counts add up to ${sum}`,
    );
  }
  const neurons = sum === 0 ? NO_NEURONS : aligned(c.neurons!, 4, uint32s);
  if (c.values === undefined) return { counts, neurons };
  if (c.values.length !== sum * 4) {
    throw new CodecError(
      `spikes.values: ${c.values.length} bytes, must be ${sum * 4}: counts add up to ${sum}`,
    );
  }
  return { counts, neurons, values: aligned(c.values, 4, float32s) };
}

function signalColumn(c: Columns, steps: number): Float64Array | undefined {
  if (!c.hasSignals) return undefined;
  const wanted = steps * (c.width ?? 0) * 8;
  const found = c.signals?.length ?? 0;
  if (found !== wanted) {
    throw new CodecError(
      `signals.values: ${found} bytes, must be ${wanted} for ${steps} steps × ${c.width ?? 0}`,
    );
  }
  return found === 0 ? new Float64Array(0) : aligned(c.signals!, 8, float64s);
}

function aligned<T>(bytes: Uint8Array, align: number, view: (bytes: Uint8Array) => T): T {
  return view(bytes.byteOffset % align === 0 ? bytes : copyOf(bytes));
}

/** A copy in a buffer of its own (a Buffer's `slice` would be a view). */
function copyOf(bytes: Uint8Array): Uint8Array {
  const copy = new Uint8Array(bytes.length);
  copy.set(bytes);
  return copy;
}

const uint32s = (b: Uint8Array): Uint32Array => new Uint32Array(b.buffer, b.byteOffset, b.length / 4);
const float32s = (b: Uint8Array): Float32Array => new Float32Array(b.buffer, b.byteOffset, b.length / 4);
const float64s = (b: Uint8Array): Float64Array => new Float64Array(b.buffer, b.byteOffset, b.length / 8);

/** Counts of a null message: one array of zeros serves all (it is bounded by MAX_BATCH_STEPS). */
function zeros(steps: number): Uint32Array {
  if (steps > zeroCounts.length) zeroCounts = new Uint32Array(Math.max(steps, 2 * zeroCounts.length));
  return zeroCounts.subarray(0, steps);
}

let lastRunBytes: Uint8Array = new Uint8Array(0);
let lastRun = '';

/** Messages of one run follow each other: decode the text only when it changes. */
function readRun(bytes: Uint8Array, begin: number, end: number): string {
  const length = end - begin;
  let same = length === lastRunBytes.length;
  for (let i = 0; same && i < length; i++) same = bytes[begin + i] === lastRunBytes[i];
  if (!same) {
    if (length > 127) throw new CodecError(`run: ${length} bytes, at most 127`);
    lastRunBytes = copyOf(bytes.subarray(begin, end));
    try {
      lastRun = new TextDecoder('utf-8', { fatal: true }).decode(lastRunBytes);
    } catch (cause) {
      lastRunBytes = new Uint8Array(0);
      lastRun = '';
      throw new CodecError('run: no UTF-8', { cause });
    }
  }
  return lastRun;
}
