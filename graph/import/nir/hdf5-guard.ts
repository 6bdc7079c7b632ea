/**
 * What an HDF5 file from a stranger could do before anybody looks at its values: name other files of this machine (external links, external
 * storage, virtual datasets), declare sizes that it doesn't have, or lead in circles. All of it is found before a value is read.
 */
import type { FileHandle } from 'node:fs/promises';
import { Dataset, Group } from 'h5wasm/node';
import { InputError } from '../../errors.js';

/** Deflate makes at most 1032 of 1. What was never written takes nothing: so much of it is fine in any file. */
const [MOST_EXPANSION, SMALL_BYTES] = [1032, 64 * 2 ** 20];
/** More than any memory that could take it. */
const MOST_BYTES = 8 * 2 ** 30;
const [MOST_OBJECTS, DEEPEST] = [200_000, 16];
const STRANGE_NAMES: ReadonlySet<string> = new Set(['', '.', '..', '__proto__']);

/** Bytes that all datasets of a file of this size may declare together. */
export function mostDeclaredBytes(fileBytes: number): number {
  return Math.min(MOST_BYTES, Math.max(SMALL_BYTES, MOST_EXPANSION * fileBytes));
}

/** @throws InputError HDF5_REFUSED naming the object */
export function guardContents(root: Group, path: string, fileBytes: number): void {
  const most = mostDeclaredBytes(fileBytes);
  let [objects, bytes] = [0, 0];
  const refuse = (at: string, message: string): never => {
    throw new InputError('HDF5_REFUSED', `${path}: ${at}: ${message}`);
  };
  const look = (group: Group, depth: number): void => {
    for (const name of group.keys()) {
      const at = group.path === '/' ? `/${name}` : `${group.path}/${name}`;
      if (STRANGE_NAMES.has(name)) refuse(at, 'found a name that leads elsewhere, expected another');
      if (++objects > MOST_OBJECTS) refuse(at, `found more than ${MOST_OBJECTS} objects, expected fewer`);
      if (group.get_external_link(at).filename !== undefined) {
        refuse(at, 'found a link to another file, expected all in this one');
      }
      const entity = group.get(name);
      if (entity instanceof Group) {
        if (depth === DEEPEST) refuse(at, `found groups nested deeper than ${DEEPEST}, expected no circles`);
        look(entity, depth + 1);
      } else if (entity instanceof Dataset) {
        const { total_size: elements, size, virtual_sources: sources } = entity.metadata;
        if (sources !== undefined) refuse(at, 'found a view of other datasets, expected values');
        bytes += Number(elements) * Number(size);
        if (bytes > most) {
          refuse(at, `found ${bytes} bytes declared in a file of ${fileBytes}, expected at most ${most}`);
        }
      }
    }
  };
  look(root, 0);
}

const BLOCK = 1 << 24;
/** Version 1, three zeros, slots, used slots, address of the heap of names (HDF5 file format, External Data Files message). */
const LIST_HEAD = Buffer.of(1, 0, 0, 0);
const LIST_BYTES = 16;
const HEAP = Buffer.from('HEAP');
const MOST_HEAPS = 1_000_000;

/**
 * Whether values of a dataset are stored in other files. The library doesn't tell, and reads them; so this looks for the message itself, which
 * ends in the address of a heap. Before that address others have an address too, which can't look like a count of slots below 2^48.
 */
export async function hasExternalStorage(file: FileHandle, fileBytes: number): Promise<boolean> {
  const heaps = new Set<number>();
  await scan(file, fileBytes, HEAP, HEAP.length, (_, at) => {
    heaps.add(at);
    return heaps.size > MOST_HEAPS;
  });
  if (heaps.size > MOST_HEAPS) return true;
  return heaps.size > 0 && scan(file, fileBytes, LIST_HEAD, LIST_BYTES, (bytes) => namesAHeap(bytes, heaps));
}

function namesAHeap(bytes: Buffer, heaps: ReadonlySet<number>): boolean {
  const [slots, used] = [bytes.readUInt16LE(4), bytes.readUInt16LE(6)];
  return used > 0 && slots >= used && bytes.readUInt32LE(12) === 0 && heaps.has(bytes.readUInt32LE(8));
}

/** Calls `found` with the `length` bytes from each occurrence of `what` until it returns true. */
async function scan(
  file: FileHandle,
  fileBytes: number,
  what: Buffer,
  length: number,
  found: (bytes: Buffer, at: number) => boolean,
): Promise<boolean> {
  const block = Buffer.alloc(Math.min(BLOCK, fileBytes) + length);
  for (let start = 0; start < fileBytes; start += BLOCK) {
    const { bytesRead } = await file.read(block, 0, block.length, start);
    const end = Math.min(bytesRead - length, BLOCK - 1);
    for (let at = block.indexOf(what); at >= 0 && at <= end; at = block.indexOf(what, at + 1)) {
      if (found(block.subarray(at, at + length), start + at)) return true;
    }
  }
  return false;
}
