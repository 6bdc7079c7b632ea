/**
 * Writes HDF5 files front to back, column by column, without holding them in memory. The HDF5 library that reads (h5wasm) can't write
 * enumerations, which the SONATA format asks for, and would want every column whole in its own memory.
 */
import { closeSync, openSync, writeSync } from 'node:fs';
import {
  type Attributes,
  type AttributeValue,
  bytesOf,
  datasetHeader,
  groupHeader,
  type HeapText,
  type NumberType,
  SUPERBLOCK_BYTES,
  superblock,
  textHeap,
} from './messages.js';

/** As in the file, and texts as they are. */
export type H5Attributes = Readonly<Record<string, AttributeValue | string>>;

export interface H5Group {
  readonly kind: 'group';
  readonly attributes?: H5Attributes;
  /** Names without `/`. */
  readonly members: ReadonlyMap<string, H5Group | H5Dataset>;
}

export interface H5Dataset {
  readonly kind: 'dataset';
  readonly type: NumberType;
  readonly shape: readonly number[];
  readonly attributes?: H5Attributes;
  /** The elements in row-major order, in pieces; little-endian machines only, as everything here. */
  readonly data: () => Iterable<NodeJS.ArrayBufferView>;
}

/** A group of these members. */
export function groupOf(
  members: readonly (readonly [string, H5Group | H5Dataset])[],
  attributes: H5Attributes = {},
): H5Group {
  return { kind: 'group', members: new Map(members), attributes };
}

/** A dataset of the numbers at hand. */
export function columnOf(
  data: Float64Array | Uint32Array,
  shape: readonly number[] = [data.length],
  attributes: H5Attributes = {},
): H5Dataset {
  const type = data instanceof Float64Array ? 'f8' : 'u4';
  return { kind: 'dataset', type, shape, attributes, data: () => [data] };
}

/**
 * A column of `length` elements that `fill` makes piece by piece: element `begin + i` of the column goes to `piece[i]`.
 */
export function madeColumn<T extends Float64Array | BigUint64Array>(
  make: (length: number) => T,
  length: number,
  fill: (piece: T, begin: number) => void,
  attributes: H5Attributes = {},
): H5Dataset {
  function* pieces(): Generator<NodeJS.ArrayBufferView> {
    for (let begin = 0; begin < length; begin += PIECE) {
      const piece = make(Math.min(PIECE, length - begin));
      fill(piece, begin);
      yield piece as NodeJS.ArrayBufferView;
    }
  }
  const type = make(0) instanceof Float64Array ? 'f8' : 'u8';
  return { kind: 'dataset', type, shape: [length], attributes, data: pieces };
}

const PIECE = 1 << 16;

/** Writes the file at `path`; what was there is replaced. Errors of the file system are thrown as they are. */
export function writeHdf5(path: string, root: H5Group): void {
  const file = openSync(path, 'w');
  try {
    const writer = new Appender(file, SUPERBLOCK_BYTES);
    const address = writeGroup(writer, root);
    writeAll(file, superblock(address, writer.end), 0);
  } finally {
    closeSync(file);
  }
}

class Appender {
  readonly #file: number;
  readonly #texts = new Map<string, HeapText>();
  end: number;

  constructor(file: number, end: number) {
    this.#file = file;
    this.end = end;
  }

  /** @returns where it lies */
  append(bytes: NodeJS.ArrayBufferView): number {
    const address = this.end;
    writeAll(this.#file, bytes, address);
    this.end += bytes.byteLength;
    return address;
  }

  /** Attributes with their texts in heaps, one for each different text. */
  stored(attributes: H5Attributes): Attributes {
    return Object.fromEntries(
      Object.entries(attributes).map(([name, value]) => [
        name,
        typeof value === 'string' ? this.#text(value) : value,
      ]),
    );
  }

  #text(text: string): HeapText {
    const known = this.#texts.get(text);
    if (known !== undefined) return known;
    const bytes = new TextEncoder().encode(text);
    const stored = { heap: this.append(textHeap(bytes)), bytes: bytes.length };
    this.#texts.set(text, stored);
    return stored;
  }
}

function writeAll(file: number, view: NodeJS.ArrayBufferView, position: number): void {
  const bytes = new Uint8Array(view.buffer, view.byteOffset, view.byteLength);
  for (let done = 0; done < bytes.length; ) {
    done += writeSync(file, bytes, done, bytes.length - done, position + done);
  }
}

/** Members first, so that their addresses are known. */
function writeGroup(writer: Appender, group: H5Group): number {
  const links = new Map<string, number>();
  for (const [name, member] of group.members) {
    const write = member.kind === 'group' ? writeGroup(writer, member) : writeDataset(writer, member);
    links.set(name, write);
  }
  return writer.append(groupHeader(links, writer.stored(group.attributes ?? {})));
}

function writeDataset(writer: Appender, dataset: H5Dataset): number {
  const { type, shape } = dataset;
  const address = writer.end;
  for (const piece of dataset.data()) writer.append(piece);
  const bytes = writer.end - address;
  const expected = shape.reduce((product, extent) => product * extent, bytesOf(type));
  if (bytes !== expected)
    throw new RangeError(`found ${bytes} bytes of data for shape ${shape}, expected ${expected}`);
  const attributes = writer.stored(dataset.attributes ?? {});
  return writer.append(datasetHeader({ type, shape, address, bytes, attributes }));
}
