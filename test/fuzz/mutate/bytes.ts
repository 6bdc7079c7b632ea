import type { Random } from '../random.js';
import { anInteger, DOUBLES } from './limits.js';

/** Changes a case a little. `corpus` are whole cases to take pieces from. */
export type Mutator = (bytes: Uint8Array, random: Random, corpus: readonly Uint8Array[]) => Uint8Array;

/** The piece [begin, end) of `bytes` replaced. */
export function replaced(bytes: Uint8Array, begin: number, end: number, piece: Uint8Array): Uint8Array {
  const out = new Uint8Array(bytes.length - (end - begin) + piece.length);
  out.set(bytes.subarray(0, begin));
  out.set(piece, begin);
  out.set(bytes.subarray(end), begin + piece.length);
  return out;
}

const NOTHING = new Uint8Array(0);

const flipBit: Mutator = (bytes, random) => {
  const out = bytes.slice();
  if (out.length > 0) out[random.below(out.length)] ^= 1 << random.below(8);
  return out;
};

const setByte: Mutator = (bytes, random) => {
  const out = bytes.slice();
  if (out.length > 0)
    out[random.below(out.length)] = random.pick([0, 1, 0x7f, 0x80, 0xfe, 0xff, random.below(256)]);
  return out;
};

const truncate: Mutator = (bytes, random) => bytes.slice(0, random.below(bytes.length + 1));

const cut: Mutator = (bytes, random) => {
  const [begin, end] = span(bytes.length, random);
  return replaced(bytes, begin, end, NOTHING);
};

const repeat: Mutator = (bytes, random) => {
  const [begin, end] = span(bytes.length, random);
  return replaced(bytes, end, end, bytes.slice(begin, end));
};

const splice: Mutator = (bytes, random, corpus) => {
  const other = random.pick(corpus);
  const [from, to] = span(other.length, random);
  const begin = random.below(bytes.length + 1);
  const end = random.chance(0.5) ? begin : Math.min(bytes.length, begin + to - from);
  return replaced(bytes, begin, end, other.subarray(from, to));
};

/** The head of one and the tail of another. */
const cross: Mutator = (bytes, random, corpus) => {
  const other = random.pick(corpus);
  const at = random.below(Math.min(bytes.length, other.length) + 1);
  return replaced(bytes, at, bytes.length, other.subarray(at));
};

/** Whatever stands here as a length, count, offset or time: at a limit, in either byte order, often aligned. */
const limit: Mutator = (bytes, random) => {
  const width = random.pick([1, 2, 4, 4, 8, 8]);
  if (bytes.length < width) return bytes.slice();
  let at = random.below(bytes.length - width + 1);
  if (random.chance(0.7)) at -= at % width;
  const out = bytes.slice();
  const view = new DataView(out.buffer, at, width);
  const little = random.chance(0.8);
  const value = anInteger(random);
  if (width === 1) view.setUint8(0, Number(BigInt.asUintN(8, value)));
  else if (width === 2) view.setUint16(0, Number(BigInt.asUintN(16, value)), little);
  else if (width === 4) view.setUint32(0, Number(BigInt.asUintN(32, value)), little);
  else if (random.chance(0.7)) view.setBigUint64(0, BigInt.asUintN(64, value), little);
  else view.setFloat64(0, random.pick(DOUBLES), little);
  return out;
};

/** A little more or less than what stands there. */
const nudge: Mutator = (bytes, random) => {
  if (bytes.length === 0) return bytes.slice();
  const out = bytes.slice();
  out[random.below(out.length)] += random.below(9) - 4;
  return out;
};

const append: Mutator = (bytes, random) =>
  replaced(bytes, bytes.length, bytes.length, new Uint8Array(random.few(64)).fill(random.below(256)));

export const BYTE_MUTATORS: readonly Mutator[] = [
  ...[flipBit, setByte, truncate, cut, repeat, splice, cross, limit, limit, limit, nudge, append],
];

export const mutateBytes: Mutator = (bytes, random, corpus) =>
  random.pick(BYTE_MUTATORS)(bytes, random, corpus);

/** A piece of a length that is mostly short. */
export function span(length: number, random: Random): readonly [begin: number, end: number] {
  const begin = random.below(length);
  const most = random.chance(0.7) ? 16 : length;
  return [begin, Math.min(length, begin + 1 + random.below(most))];
}
