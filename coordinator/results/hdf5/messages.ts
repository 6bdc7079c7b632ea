/**
 * Object header messages of the HDF5 file format (specification version 3, chapter IV.A.2): what groups, datasets and attributes are
 * made of. Bytes only, no file.
 */
import { lookup3 } from './lookup3.js';

/** Types that columns and attributes have. */
export type NumberType = 'u1' | 'u4' | 'u8' | 'f8';

export interface EnumType {
  /** Member names by value, from 0; stored as uint8. */
  readonly members: readonly string[];
}

/** Attributes are rows of uint32, members of an enumeration, or text that lies in a heap (`textHeap`). */
export type AttributeValue =
  | HeapText
  | { readonly u4: readonly number[] }
  | { readonly member: number; readonly of: EnumType };

/** Text of `bytes` bytes, the first object of the global heap at `heap`. */
export interface HeapText {
  readonly heap: number;
  readonly bytes: number;
}

export type Attributes = Readonly<Record<string, AttributeValue>>;

const UNDEFINED = 0xffff_ffff_ffff_ffffn;
const MESSAGE = {
  dataspace: 1,
  linkInfo: 2,
  datatype: 3,
  fill: 5,
  link: 6,
  layout: 8,
  groupInfo: 10,
  attribute: 12,
};

interface Message {
  readonly type: number;
  readonly body: Uint8Array;
}

const u8 = (value: number): Uint8Array => Uint8Array.of(value);
const u16 = (value: number): Uint8Array => Uint8Array.of(value & 255, value >> 8);
const u32 = (value: number): Uint8Array => new Uint8Array(Uint32Array.of(value).buffer);
const u64 = (value: number | bigint): Uint8Array => new Uint8Array(BigUint64Array.of(BigInt(value)).buffer);
const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);

export function joinBytes(parts: readonly Uint8Array[]): Uint8Array {
  const joined = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    joined.set(part, at);
    at += part.length;
  }
  return joined;
}

/** A group's object header, its members as hard links. */
export function groupHeader(links: ReadonlyMap<string, number>, attributes: Attributes): Uint8Array {
  return objectHeader([
    { type: MESSAGE.linkInfo, body: joinBytes([u16(0), u64(UNDEFINED), u64(UNDEFINED)]) },
    { type: MESSAGE.groupInfo, body: u16(0) },
    ...[...links].map(([name, address]) => linkMessage(name, address)),
    ...attributeMessages(attributes),
  ]);
}

/** A dataset's object header; its data lie in one piece at `address`. */
export function datasetHeader(dataset: {
  readonly type: NumberType;
  readonly shape: readonly number[];
  readonly address: number;
  readonly bytes: number;
  readonly attributes: Attributes;
}): Uint8Array {
  const { type, shape, address, bytes, attributes } = dataset;
  return objectHeader([
    { type: MESSAGE.dataspace, body: dataspace(shape) },
    { type: MESSAGE.datatype, body: numberType(type) },
    // Version 3: allocated late, fill value written if set, none set.
    { type: MESSAGE.fill, body: Uint8Array.of(3, 0x0a) },
    {
      type: MESSAGE.layout,
      body: joinBytes([Uint8Array.of(3, 1), u64(bytes === 0 ? UNDEFINED : address), u64(bytes)]),
    },
    ...attributeMessages(attributes),
  ]);
}

/** Version 2, at the file's beginning: where the root group is and where the file ends. */
export function superblock(rootAddress: number, endOfFile: number): Uint8Array {
  const block = joinBytes([
    Uint8Array.of(0x89, 0x48, 0x44, 0x46, 0x0d, 0x0a, 0x1a, 0x0a, 2, 8, 8, 0),
    u64(0),
    u64(UNDEFINED),
    u64(endOfFile),
    u64(rootAddress),
  ]);
  return joinBytes([block, u32(lookup3(block))]);
}

export const SUPERBLOCK_BYTES = 48;

/** A global heap collection with one object, of the smallest size that the HDF5 library takes. */
export function textHeap(text: Uint8Array): Uint8Array {
  const heap = new Uint8Array(Math.max(4096, 16 + 16 + Math.ceil(text.length / 8) * 8 + 16));
  const free = 32 + Math.ceil(text.length / 8) * 8;
  heap.set(joinBytes([utf8('GCOL'), Uint8Array.of(1, 0, 0, 0), u64(heap.length)]));
  heap.set(joinBytes([u16(1), u16(1), u32(0), u64(text.length), text]), 16);
  heap.set(u64(heap.length - free), free + 8);
  return heap;
}

/** Version 2, without times; the size of its only chunk in four bytes. */
function objectHeader(messages: readonly Message[]): Uint8Array {
  const body = joinBytes(messages.flatMap(({ type, body }) => [u8(type), u16(body.length), u8(0), body]));
  const header = joinBytes([utf8('OHDR'), Uint8Array.of(2, 2), u32(body.length), body]);
  return joinBytes([header, u32(lookup3(header))]);
}

function linkMessage(name: string, address: number): Message {
  const bytes = utf8(name);
  // Version 1, length in two bytes, character set given: UTF-8.
  const body = joinBytes([Uint8Array.of(1, 0x11, 1), u16(bytes.length), bytes, u64(address)]);
  return { type: MESSAGE.link, body };
}

function attributeMessages(attributes: Attributes): Message[] {
  return Object.entries(attributes).map(([name, value]) => {
    const title = joinBytes([utf8(name), u8(0)]);
    const { type, space, data } = attributeParts(value);
    const sizes = [u16(title.length), u16(type.length), u16(space.length)];
    const head = [Uint8Array.of(3, 0), ...sizes, u8(1)];
    return { type: MESSAGE.attribute, body: joinBytes([...head, title, type, space, data]) };
  });
}

function attributeParts(value: AttributeValue): {
  readonly type: Uint8Array;
  readonly space: Uint8Array;
  readonly data: Uint8Array;
} {
  if ('heap' in value) {
    const data = joinBytes([u32(value.bytes), u64(value.heap), u32(1)]);
    return { type: textType(), space: dataspace([]), data };
  }
  if ('u4' in value) {
    return {
      type: numberType('u4'),
      space: dataspace(value.u4.length === 1 ? [] : [value.u4.length]),
      data: joinBytes(value.u4.map(u32)),
    };
  }
  return { type: enumType(value.of), space: dataspace([]), data: u8(value.member) };
}

/** Version 2; no extents is a scalar. */
function dataspace(shape: readonly number[]): Uint8Array {
  return joinBytes([Uint8Array.of(2, shape.length, 0, shape.length === 0 ? 0 : 1), ...shape.map(u64)]);
}

export function bytesOf(type: NumberType): number {
  return Number(type[1]);
}

function numberType(type: NumberType): Uint8Array {
  const size = bytesOf(type);
  // Version 3 and class; class bits; size; then bit offset and precision.
  if (type !== 'f8') return joinBytes([Uint8Array.of(0x30, 0, 0, 0), u32(size), u16(0), u16(size * 8)]);
  // IEEE 754: normalised mantissa, sign in bit 63, exponent of 11 bits from bit 52 with bias 1023, mantissa of 52 bits from bit 0.
  return joinBytes([
    Uint8Array.of(0x31, 0x20, 63, 0),
    u32(8),
    u16(0),
    u16(64),
    Uint8Array.of(52, 11, 0, 52),
    u32(1023),
  ]);
}

/** UTF-8 of any length, in a heap: what h5py and others read as text. */
function textType(): Uint8Array {
  return joinBytes([Uint8Array.of(0x39, 1, 1, 0), u32(16), numberType('u1')]);
}

function enumType({ members }: EnumType): Uint8Array {
  return joinBytes([
    Uint8Array.of(0x38, members.length, 0, 0),
    u32(1),
    numberType('u1'),
    ...members.map((member) => joinBytes([utf8(member), u8(0)])),
    Uint8Array.from(members, (_, value) => value),
  ]);
}
