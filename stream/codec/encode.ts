import type { Batch } from '../batch.js';
import { assertLittleEndian, putFixed64, putVarint, type RunId, varintSize } from './wire.js';

assertLittleEndian();

/** Bytes to write messages into. Message starts must be multiples of 8 from the buffer's own start for columns to be aligned. */
export interface WireBuffer {
  readonly bytes: Uint8Array;
  readonly view: DataView;
}

export function wireBuffer(bytes: Uint8Array): WireBuffer {
  return { bytes, view: new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength) };
}

/** Everything before the columns, but for the run's text. */
const HEAD_BYTES = 2 + 4 * 5 + 4 * 9;
const FIXED32_FIELD_BYTES = 5;
const TO_INCARNATION = 0x5d;
/** Most that one sub-message adds to its columns: tags, lengths, padding. */
const SUBMESSAGE_BYTES = 80;

/** An upper bound of a batch's encoded size; a multiple of 8. */
export function maxEncodedBytes(run: RunId, batch: Batch): number {
  let size = HEAD_BYTES + run.utf8.length;
  const { counts, neurons, values } = batch.spikes;
  if (neurons.length > 0) {
    size += SUBMESSAGE_BYTES + counts.byteLength + neurons.byteLength + (values?.byteLength ?? 0);
  }
  if (batch.signals !== undefined) size += SUBMESSAGE_BYTES + batch.signals.byteLength;
  return Math.ceil(size / 8) * 8;
}

/** One batch as a `nil.v1.Batch` message, in a buffer of its own. */
export function encodeBatch(run: RunId, stepNs: number, batch: Batch): Uint8Array {
  const bytes = new Uint8Array(maxEncodedBytes(run, batch));
  return bytes.subarray(0, encodeBatchInto(wireBuffer(bytes), 0, run, stepNs, batch));
}

/**
 * Writes a batch at `start`; the caller has made sure that `maxEncodedBytes` fit. Returns the end. Columns are copied once, as a
 * whole.
 */
export function encodeBatchInto(
  out: WireBuffer,
  start: number,
  run: RunId,
  stepNs: number,
  batch: Batch,
): number {
  const { bytes, view } = out;
  let at = start;
  bytes[at++] = 0x0a;
  bytes[at++] = run.utf8.length;
  bytes.set(run.utf8, at);
  at += run.utf8.length;
  at = putFixed32Field(out, at, 0x15, batch.from);
  at = putFixed32Field(out, at, 0x1d, batch.to);
  at = putFixed32Field(out, at, 0x25, batch.incarnation);
  at = putFixed64Field(out, at, 0x29, batch.seq);
  at = putFixed64Field(out, at, 0x31, batch.beginNs);
  at = putFixed64Field(out, at, 0x39, batch.endNs);
  at = putFixed64Field(out, at, 0x41, stepNs);

  const { counts, neurons, values } = batch.spikes;
  if (neurons.length > 0) {
    const bound = counts.byteLength + neurons.byteLength + (values?.byteLength ?? 0) + 50;
    const begin = openSubmessage(bytes, at, 0x4a, bound);
    let end = putColumn(bytes, begin, start, 0x12, counts, 4);
    end = putColumn(bytes, end, start, 0x1a, neurons, 4);
    if (values !== undefined) end = putColumn(bytes, end, start, 0x22, values, 4);
    putVarint(bytes, at + 1, end - begin, begin - at - 1);
    at = end;
  }
  if (batch.signals !== undefined) {
    const rows = Math.round((batch.endNs - batch.beginNs) / stepNs);
    const begin = openSubmessage(bytes, at, 0x52, batch.signals.byteLength + 30);
    bytes[begin] = 0x0d;
    view.setUint32(begin + 1, batch.signals.length / rows, true);
    const end = putColumn(bytes, begin + 5, start, 0x12, batch.signals, 8);
    putVarint(bytes, at + 1, end - begin, begin - at - 1);
    at = end;
  }
  return batch.toIncarnation ? putFixed32Field(out, at, TO_INCARNATION, batch.toIncarnation) : at;
}

/**
 * A batch that `encodeBatch` wrote, for another place in a sequence and another incarnation of its receiver, in a buffer of its own.
 * @param core Its bytes without `toIncarnation`, which is the last field (`coreLength`)
 */
export function readdressed(core: Uint8Array, run: RunId, seq: number, toIncarnation = 0): Uint8Array {
  const bytes = new Uint8Array(core.length + (toIncarnation === 0 ? 0 : FIXED32_FIELD_BYTES));
  const out = wireBuffer(bytes);
  bytes.set(core);
  putFixed64(out.view, 2 + run.utf8.length + 3 * FIXED32_FIELD_BYTES + 1, seq);
  if (toIncarnation !== 0) putFixed32Field(out, core.length, TO_INCARNATION, toIncarnation);
  return bytes;
}

/** Of a batch that `encodeBatch` wrote: how long it is without its `toIncarnation`. */
export function coreLength(bytes: Uint8Array, batch: Batch): number {
  return batch.toIncarnation ? bytes.length - FIXED32_FIELD_BYTES : bytes.length;
}

/** Writes the tag and leaves room for the length of a sub-message of at most `bound` bytes; returns where its content begins. */
function openSubmessage(bytes: Uint8Array, at: number, tag: number, bound: number): number {
  bytes[at] = tag;
  return at + 1 + varintSize(bound);
}

/** A column, after as much padding as aligns it within the message. */
function putColumn(
  bytes: Uint8Array,
  at: number,
  start: number,
  tag: number,
  column: Uint32Array | Float32Array | Float64Array,
  align: 4 | 8,
): number {
  const size = column.byteLength;
  const width = varintSize(size);
  const off = (at - start + 1 + width) & (align - 1);
  let begin = at;
  if (off !== 0 && size > 0) {
    // A padding field takes 2 bytes at least.
    const pad = align - off === 1 ? 1 + align : align - off;
    bytes[begin] = 0x7a;
    bytes[begin + 1] = pad - 2;
    bytes.fill(0, begin + 2, begin + pad);
    begin += pad;
  }
  bytes[begin] = tag;
  const data = putVarint(bytes, begin + 1, size, width);
  bytes.set(new Uint8Array(column.buffer, column.byteOffset, size), data);
  return data + size;
}

function putFixed32Field(out: WireBuffer, at: number, tag: number, n: number): number {
  out.bytes[at] = tag;
  out.view.setUint32(at + 1, n, true);
  return at + 5;
}

function putFixed64Field(out: WireBuffer, at: number, tag: number, n: number): number {
  out.bytes[at] = tag;
  putFixed64(out.view, at + 1, n);
  return at + 9;
}
