/** Edits of protobuf messages that keep them messages: what random bytes would hardly ever do. Knows the encoding, not the schema. */
import type { Random } from '../random.js';
import { type Mutator, mutateBytes, replaced } from './bytes.js';
import { anInteger, DOUBLES } from './limits.js';

interface Field {
  readonly number: number;
  readonly wire: number;
  readonly begin: number;
  /** Of the value, without a length in front. */
  readonly valueBegin: number;
  readonly end: number;
}

/** The fields of a message, or undefined where the bytes are none. */
function fieldsOf(bytes: Uint8Array): readonly Field[] | undefined {
  const fields: Field[] = [];
  let at = 0;
  while (at < bytes.length) {
    const begin = at;
    const tag = readVarint(bytes, at);
    if (tag === undefined || tag.value < 8) return undefined;
    const wire = tag.value % 8;
    let valueBegin = tag.end;
    let end: number;
    if (wire === 0) {
      const value = readVarint(bytes, valueBegin);
      if (value === undefined) return undefined;
      end = value.end;
    } else if (wire === 1) end = valueBegin + 8;
    else if (wire === 5) end = valueBegin + 4;
    else if (wire === 2) {
      const length = readVarint(bytes, valueBegin);
      if (length === undefined) return undefined;
      valueBegin = length.end;
      end = valueBegin + length.value;
    } else return undefined;
    if (end > bytes.length) return undefined;
    fields.push({ number: Math.floor(tag.value / 8), wire, begin, valueBegin, end });
    at = end;
  }
  return fields;
}

function readVarint(
  bytes: Uint8Array,
  at: number,
): { readonly value: number; readonly end: number } | undefined {
  let value = 0;
  for (let i = 0; i < 10 && at + i < bytes.length; i++) {
    value += (bytes[at + i] & 0x7f) * 2 ** (7 * i);
    if (bytes[at + i] < 0x80) return { value, end: at + i + 1 };
  }
  return undefined;
}

function varint(value: bigint): number[] {
  const out: number[] = [];
  let rest = BigInt.asUintN(64, value);
  while (rest > 0x7fn) {
    out.push(Number(rest & 0x7fn) | 0x80);
    rest >>= 7n;
  }
  out.push(Number(rest));
  return out;
}

function encoded(number: number, wire: number, value: Uint8Array, length = BigInt(value.length)): Uint8Array {
  const head = varint(BigInt(number) * 8n + BigInt(wire));
  if (wire === 2) head.push(...varint(length));
  const out = new Uint8Array(head.length + value.length);
  out.set(head);
  out.set(value, head.length);
  return out;
}

/** One edit somewhere in the message or in a message inside it; of bytes that are no message, an edit of bytes. */
export const mutateProtobuf: Mutator = (bytes, random, corpus) => edit(bytes, random, corpus, 0);

const DEEPEST = 6;

function edit(bytes: Uint8Array, random: Random, corpus: readonly Uint8Array[], depth: number): Uint8Array {
  const fields = fieldsOf(bytes);
  if (fields === undefined || fields.length === 0) return mutateBytes(bytes, random, corpus);
  const field = random.pick(fields);
  const value = bytes.subarray(field.valueBegin, field.end);
  if (field.wire === 2 && depth < DEEPEST && random.chance(0.6)) {
    const inner = edit(value, random, corpus, depth + 1);
    return replaced(bytes, field.begin, field.end, encoded(field.number, 2, inner));
  }
  return random.pick(EDITS)(bytes, field, fields, random, corpus);
}

type Edit = (
  bytes: Uint8Array,
  field: Field,
  fields: readonly Field[],
  random: Random,
  corpus: readonly Uint8Array[],
) => Uint8Array;

const remove: Edit = (bytes, field) => replaced(bytes, field.begin, field.end, new Uint8Array(0));

const duplicate: Edit = (bytes, field, _, random) => {
  const piece = bytes.subarray(field.begin, field.end);
  const times = random.chance(0.05) ? 200 : random.few(4);
  const copies = new Uint8Array(piece.length * times);
  for (let i = 0; i < times; i++) copies.set(piece, i * piece.length);
  return replaced(bytes, field.end, field.end, copies);
};

const move: Edit = (bytes, field, fields, random) => {
  const to = random.pick(fields);
  const piece = bytes.slice(field.begin, field.end);
  if (to.begin === field.begin) return bytes.slice();
  const without = replaced(bytes, field.begin, field.end, new Uint8Array(0));
  const at = to.begin > field.begin ? to.end - piece.length : to.begin;
  return replaced(without, at, at, piece);
};

/** A scalar at a limit, in its own wire type. */
const extreme: Edit = (bytes, field, _, random) => {
  const wide = field.wire === 1;
  if (field.wire === 0) {
    const tag = varint(BigInt(field.number) * 8n);
    return replaced(bytes, field.begin, field.end, Uint8Array.from([...tag, ...varint(anInteger(random))]));
  }
  if (field.wire === 2) return resized(bytes, field, random);
  const out = bytes.slice();
  const view = new DataView(out.buffer, field.valueBegin, wide ? 8 : 4);
  const asDouble = random.chance(0.4);
  if (wide && asDouble) view.setFloat64(0, random.pick(DOUBLES), true);
  else if (asDouble) view.setFloat32(0, random.pick(DOUBLES), true);
  else if (wide) view.setBigUint64(0, BigInt.asUintN(64, anInteger(random)), true);
  else view.setUint32(0, Number(BigInt.asUintN(32, anInteger(random))), true);
  return out;
};

/** A column with elements more or less, or one of its elements at a limit. */
function resized(bytes: Uint8Array, field: Field, random: Random): Uint8Array {
  const value = bytes.slice(field.valueBegin, field.end);
  const by = random.pick([0, 0, 1, 4, 8, 16, 24]);
  const shorter = random.chance(0.5);
  const next = new Uint8Array(Math.max(0, value.length + (shorter ? -by : by)));
  next.set(value.subarray(0, next.length));
  const width = random.pick([4, 8]);
  if (next.length >= width) {
    const at = random.below(Math.floor(next.length / width)) * width;
    const view = new DataView(next.buffer, at, width);
    if (width === 4) view.setUint32(0, Number(BigInt.asUintN(32, anInteger(random))), true);
    else if (random.chance(0.5)) view.setFloat64(0, random.pick(DOUBLES), true);
    else view.setBigUint64(0, BigInt.asUintN(64, anInteger(random)), true);
  }
  return replaced(bytes, field.begin, field.end, encoded(field.number, 2, next));
}

/** A length that isn't the value's. */
const lie: Edit = (bytes, field, _, random) => {
  const value = bytes.slice(field.valueBegin, field.end);
  const length = random.chance(0.5)
    ? anInteger(random)
    : BigInt(Math.max(0, value.length + random.below(17) - 8));
  return replaced(bytes, field.begin, field.end, encoded(field.number, 2, value, length));
};

const retype: Edit = (bytes, field, _, random) => {
  const tag = varint(BigInt(field.number) * 8n + BigInt(random.below(8)));
  const tagEnd = field.begin + varint(BigInt(field.number) * 8n).length;
  return replaced(bytes, field.begin, tagEnd, Uint8Array.from(tag));
};

const renumber: Edit = (bytes, field, _, random) => {
  const number = random.chance(0.8)
    ? 1 + random.below(20)
    : random.pick([0, 15, 16, 19_000, 2 ** 29 - 1, 2 ** 29]);
  const value = bytes.slice(field.valueBegin, field.end);
  return replaced(bytes, field.begin, field.end, encoded(number, field.wire, value));
};

/** The same field of another message, or any of its fields. */
const graft: Edit = (bytes, field, _, random, corpus) => {
  const other = random.pick(corpus);
  const theirs = fieldsOf(other) ?? [];
  const same = theirs.filter(({ number, wire }) => number === field.number && wire === field.wire);
  const found =
    same.length > 0 && random.chance(0.8) ? random.pick(same) : theirs[random.below(theirs.length)];
  if (found === undefined) return bytes.slice();
  return replaced(
    bytes,
    field.begin,
    random.chance(0.7) ? field.end : field.begin,
    other.subarray(found.begin, found.end),
  );
};

/** A message in itself, many times over: for decoders that recurse. */
const nest: Edit = (bytes, field, _, random) => {
  if (random.chance(0.7)) {
    const times = random.pick([2, 50, 200]);
    const wire = random.pick([2, 3]);
    const shell = varint(BigInt(field.number) * 8n + BigInt(wire));
    if (wire === 3)
      return replaced(bytes, field.begin, field.begin, Uint8Array.from(Array(times).fill(shell).flat()));
  }
  let inner: Uint8Array = bytes.slice(field.valueBegin, field.end);
  for (let i = 0; i < 20; i++) inner = encoded(field.number, 2, inner);
  return replaced(bytes, field.begin, field.end, inner);
};

const unknown: Edit = (bytes, field, _, random) => {
  const value = new Uint8Array(random.few(32)).fill(random.below(256));
  return replaced(bytes, field.begin, field.begin, encoded(100 + random.below(1000), 2, value));
};

const scramble: Edit = (bytes, field, _, random, corpus) => {
  const value = mutateBytes(bytes.slice(field.valueBegin, field.end), random, corpus);
  return replaced(bytes, field.begin, field.end, field.wire === 2 ? encoded(field.number, 2, value) : value);
};

const EDITS: readonly Edit[] = [
  ...[
    remove,
    duplicate,
    move,
    extreme,
    extreme,
    extreme,
    lie,
    retype,
    renumber,
    graft,
    graft,
    nest,
    unknown,
    scramble,
  ],
];
