import { NilError } from '../../graph/errors.js';

/** Bytes that are no message of the event protocol. What is wrong and where, in one line. */
export class CodecError extends NilError {
  constructor(message: string, options: { readonly cause?: unknown } = {}) {
    super('MESSAGE_MALFORMED', message, options);
  }
}

/** A run's id as messages carry it: encode it once. At most 127 bytes, so that its length takes one. */
export interface RunId {
  readonly text: string;
  readonly utf8: Uint8Array;
}

/** Letters, digits, `-` and `_`: it is a token of NATS subjects too. */
export function runId(text: string): RunId {
  if (!/^[A-Za-z0-9_-]{1,127}$/.test(text)) {
    throw new NilError(
      'RUN_ID_INVALID',
      `run id ${JSON.stringify(text)}: must be 1 to 127 letters, digits, '-' or '_'`,
    );
  }
  return { text, utf8: new TextEncoder().encode(text) };
}

/** Columns are used in place, so the host has to have the wire's byte order. */
export function assertLittleEndian(): void {
  if (new Uint8Array(Uint32Array.of(1).buffer)[0] !== 1) {
    throw new NilError(
      'HOST_BIG_ENDIAN',
      'this host is big-endian; event columns are little-endian and used in place',
    );
  }
}

export function varintSize(n: number): number {
  return n < 0x80 ? 1 : n < 0x4000 ? 2 : n < 0x200000 ? 3 : n < 0x10000000 ? 4 : 5;
}

/** Writes n (below 2^32) in exactly `width` bytes; protobuf allows more bytes than needed. Returns the end. */
export function putVarint(out: Uint8Array, at: number, n: number, width: number): number {
  let rest = n;
  for (let i = 0; i < width - 1; i++) {
    out[at + i] = (rest & 0x7f) | 0x80;
    rest >>>= 7;
  }
  out[at + width - 1] = rest;
  return at + width;
}

/** Integers of 0 to 2^53 - 1 as 64-bit fields. */
export function putFixed64(view: DataView, at: number, n: number): void {
  view.setUint32(at, n >>> 0, true);
  view.setUint32(at + 4, Math.floor(n / 0x100000000), true);
}

export function getFixed64(view: DataView, at: number, field: string): number {
  const high = view.getUint32(at + 4, true);
  if (high > 0x1fffff) throw new CodecError(`${field}: outside 0 to 2^53 - 1`);
  return high * 0x100000000 + view.getUint32(at, true);
}

/** A varint that was just read, and where it ended. Module state instead of an object for each: decoding is the hot path. */
let varint = 0;

/** Reads the varint at `at` into `lastVarint()`; returns its end. Values of 2^53 and more come out inexact (nothing here uses them). */
export function readVarint(bytes: Uint8Array, at: number, end: number): number {
  let value = 0;
  let scale = 1;
  for (let i = at; i < end && i < at + 10; i++) {
    const b = bytes[i];
    value += (b & 0x7f) * scale;
    if (b < 0x80) {
      varint = value;
      return i + 1;
    }
    scale *= 128;
  }
  throw new CodecError(end - at < 10 ? 'truncated inside a varint' : 'varint longer than 10 bytes');
}

export function lastVarint(): number {
  return varint;
}

/** The field number of a tag. */
export function fieldOf(tag: number): number {
  const field = Math.floor(tag / 8);
  if (field === 0) throw new CodecError('field 0: no such field');
  return field;
}

/** Skips a field of this wire type at `at`; returns its end. */
export function skipField(bytes: Uint8Array, at: number, end: number, wireType: number): number {
  let next: number;
  if (wireType === 0) next = readVarint(bytes, at, end);
  else if (wireType === 1) next = at + 8;
  else if (wireType === 5) next = at + 4;
  else if (wireType === 2) next = readVarint(bytes, at, end) + lastVarint();
  else throw new CodecError(`wire type ${wireType} isn't one of protobuf's that this protocol uses`);
  if (next > end) throw new CodecError('truncated inside a field');
  return next;
}
