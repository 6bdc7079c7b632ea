/** HDF5 files: edits that know where its numbers are, and a place to put them, since the library reads files. */
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { InputError } from '../../../graph/errors.js';
import { type Mutator, mutateBytes } from '../mutate/bytes.js';
import { anInteger } from '../mutate/limits.js';

let folder: string | undefined;
let files = 0;

/** Calls `use` with the path of a file that holds the bytes. Paths are never used twice: the library may keep a damaged file open. */
export async function withFile<T>(
  bytes: Uint8Array,
  ending: string,
  use: (path: string) => Promise<T>,
): Promise<T> {
  folder ??= newFolder();
  const path = join(folder, `${files++}${ending}`);
  writeFileSync(path, bytes);
  try {
    return await use(path);
  } finally {
    rmSync(path, { force: true });
  }
}

/** In memory where there is such a place: a disk would be the slowest part of a case. */
export function newFolder(): string {
  const made = mkdtempSync(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'nil-fuzz-'));
  process.on('exit', () => rmSync(made, { recursive: true, force: true }));
  return made;
}

const SIGNATURES = ['TREE', 'HEAP', 'SNOD', 'GCOL', 'OHDR', 'OCHK', 'FRHP', 'BTHD', 'BTLF'];

/** Most of a file is empty: edits at what is there, at the words behind a structure's signature mostly. */
const structure: Mutator = (bytes, random, corpus) => {
  if (bytes.length < 64) return mutateBytes(bytes, random, corpus);
  const out = bytes.slice();
  const view = new DataView(out.buffer);
  const at = spot(out, random.below(out.length), random.chance(0.5) ? random.pick(SIGNATURES) : undefined);
  const word = Math.min(out.length - 8, at + random.pick([0, 1, 2, 4, 5, 6, 8, 16, 24, 32]));
  switch (random.below(6)) {
    case 0:
      out[word] ^= 1 << random.below(8);
      break;
    case 1:
      out[word] = random.below(256);
      break;
    case 2:
      view.setUint16(word, Number(BigInt.asUintN(16, anInteger(random))), true);
      break;
    case 3:
      view.setUint32(word, Number(BigInt.asUintN(32, anInteger(random))), true);
      break;
    case 4:
      view.setBigUint64(word, BigInt.asUintN(64, anInteger(random)), true);
      break;
    default:
      // Addresses that lead elsewhere in the file: to itself, too.
      view.setBigUint64(word, BigInt(random.below(out.length / 8) * 8), true);
  }
  return out;
};

/** The next place that isn't empty, or the next of that signature. */
function spot(bytes: Uint8Array, from: number, signature: string | undefined): number {
  if (signature === undefined) {
    let at = from;
    while (at < bytes.length && bytes[at] === 0) at++;
    return at === bytes.length ? from : at;
  }
  const found = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).indexOf(
    signature,
    from,
    'latin1',
  );
  return found < 0 ? from : found + 4;
}

export const HDF5_MUTATORS: readonly Mutator[] = [structure, structure, structure, structure, mutateBytes];
/** What `readHdf5` does, without the thread: a library that has aborted is not asked again. */
export const HDF5_ISOLATED = {
  spoilt: (error: unknown): boolean =>
    error instanceof InputError &&
    error.code === 'HDF5_UNREADABLE' &&
    /abort|out of bounds|unreachable|memory access|indirect call|null function|call stack/i.test(
      error.message,
    ),
};
export const HDF5_CODES = [
  'HDF5_REFUSED',
  'NOT_HDF5',
  'HDF5_TRUNCATED',
  'HDF5_UNREADABLE',
  'FILE_TOO_LARGE',
] as const;
