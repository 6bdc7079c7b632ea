import { type FileHandle, open } from 'node:fs/promises';
import { Dataset, Group, File as H5File, type OutputData, ready } from 'h5wasm/node';
import { InputError } from '../../errors.js';
import { guardContents, hasExternalStorage } from './hdf5-guard.js';
import type { NirArray, NirDict, NirDtype, NirStrings, NirValue } from './types.js';

/** Files beyond this are refused: no network in the format's use comes near it, and the HDF5 library has 32-bit memory. */
export const MAX_NIR_BYTES = 1 << 30;
const SIGNATURE = Buffer.from([0x89, 0x48, 0x44, 0x46, 0x0d, 0x0a, 0x1a, 0x0a]);

/**
 * Opens an HDF5 file, hands its root to `use`, and closes it. What the HDF5 library finds wrong becomes one line; what a stranger's file
 * could do to this machine is refused before.
 * @throws InputError FILE_NOT_FOUND, FILE_TOO_LARGE, NOT_HDF5, HDF5_TRUNCATED, HDF5_REFUSED, HDF5_UNREADABLE.
 */
export async function withHdf5<T>(
  path: string,
  use: (root: Group) => T,
  expected = 'a NIR file (HDF5)',
): Promise<T> {
  const bytes = await checkFile(path, expected);
  const module = await ready;
  module.activate_throwing_error_handler();
  let file: H5File | undefined;
  try {
    file = new H5File(path, 'r');
    guardContents(file, path, bytes);
    return use(file);
  } catch (error) {
    if (error instanceof InputError) throw error;
    throw new InputError('HDF5_UNREADABLE', `${path}: the HDF5 content is damaged: ${reason(error)}`, {
      cause: error,
    });
  } finally {
    closeQuietly(file);
    module.deactivate_throwing_error_handler();
  }
}

/** What is wrong with a file was said before; nothing was written that could be lost. */
function closeQuietly(file: H5File | undefined): void {
  try {
    file?.close();
  } catch {
    // A library that has aborted can't close it: the thread's end does.
  }
}

/** The innermost message of the HDF5 library's error stack, which is the last one it prints. */
function reason(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  const stack = [...text.matchAll(/#\d+: .* in \w+\(\): (.*)/g)];
  return (stack.at(-1)?.[1] ?? text.split('\n')[0]).slice(0, 200);
}

/** @returns its size */
async function checkFile(path: string, expected: string): Promise<number> {
  let handle: FileHandle;
  try {
    handle = await open(path, 'r');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const found = code === 'ENOENT' ? 'no such file' : `a file that can't be opened (${code})`;
    throw new InputError('FILE_NOT_FOUND', `${path}: found ${found}, expected ${expected}`, { cause: error });
  }
  try {
    const stat = await handle.stat();
    if (!stat.isFile()) throw new InputError('NOT_HDF5', `${path}: is no file, expected ${expected}`);
    const head = Buffer.alloc(64);
    const { bytesRead } = await handle.read(head, 0, 64, 0);
    if (bytesRead < 8 || !head.subarray(0, 8).equals(SIGNATURE)) {
      throw new InputError('NOT_HDF5', `${path}: is no HDF5 file, expected ${expected}`);
    }
    if (stat.size > MAX_NIR_BYTES) {
      throw new InputError(
        'FILE_TOO_LARGE',
        `${path}: has ${stat.size} bytes, expected at most ${MAX_NIR_BYTES}`,
      );
    }
    const whole = declaredSize(head.subarray(0, bytesRead));
    if (whole !== undefined && whole > BigInt(stat.size)) {
      throw new InputError(
        'HDF5_TRUNCATED',
        `${path}: is truncated, found ${stat.size} bytes, expected ${whole} as its header says`,
      );
    }
    if (await hasExternalStorage(handle, stat.size)) {
      throw new InputError(
        'HDF5_REFUSED',
        `${path}: found values that are stored in other files, expected all in this one`,
      );
    }
    return stat.size;
  } finally {
    await handle.close();
  }
}

/** End-of-file address of the superblock (versions 0 to 3, 8-byte offsets); undefined where the header is cut or of another kind. */
function declaredSize(head: Buffer): bigint | undefined {
  const version = head[8];
  const [sizeAt, eofAt] = version <= 1 ? [13, version === 0 ? 40 : 44] : [9, 28];
  if (head.length < eofAt + 8 || head[sizeAt] !== 8) return undefined;
  return head.readBigUInt64LE(eofAt);
}

const INTEGERS: Readonly<Record<number, readonly [signed: NirDtype, unsigned: NirDtype]>> = {
  1: ['int8', 'uint8'],
  2: ['int16', 'uint16'],
  4: ['int32', 'uint32'],
  8: ['int64', 'uint64'],
};

// H5T_class_t of the HDF5 library.
const [INTEGER, FLOAT, STRING, ENUM] = [0, 1, 3, 8];

/**
 * A dataset or group as a value; undefined for a dataset without content (null dataspace).
 * @throws InputError NIR_VALUE for types that no NIR field or metadata has.
 */
export function readValue(entity: unknown, at: string): NirValue | undefined {
  if (entity instanceof Group) return dictOf(entity, at);
  if (!(entity instanceof Dataset)) {
    throw new InputError('NIR_VALUE', `${at}: is neither a dataset nor a group`);
  }
  const shape = entity.shape;
  if (shape === null) return undefined;
  const { type, size, signed } = entity.metadata;
  if (type === STRING) return textOf(entity.value, shape, at);
  const dtype =
    type === FLOAT
      ? ({ 4: 'float32', 8: 'float64' } as const)[size]
      : type === INTEGER
        ? INTEGERS[size]?.[signed ? 0 : 1]
        : type === ENUM && size === 1
          ? 'int8'
          : undefined;
  if (dtype === undefined) {
    throw new InputError(
      'NIR_VALUE',
      `${at}: has HDF5 type ${JSON.stringify(entity.dtype)}, expected numbers or strings`,
    );
  }
  return { dtype, shape, values: numbersOf(entity.value, shape, at) } satisfies NirArray;
}

export function dictOf(group: Group, at: string): NirDict {
  const dict: Record<string, NirValue> = {};
  for (const key of group.keys()) {
    const value = readValue(group.get(key), `${at}/${key}`);
    if (value !== undefined) dict[key] = value;
  }
  return dict;
}

function textOf(value: OutputData | null, shape: readonly number[], at: string): string | NirStrings {
  const items = (Array.isArray(value) ? value.flat(8) : [value]).map((item) => {
    if (typeof item !== 'string') throw new InputError('NIR_VALUE', `${at}: found no text in a text dataset`);
    return item;
  });
  return shape.length === 0 ? items[0] : { dtype: 'string', shape, values: items };
}

function numbersOf(value: OutputData | null, shape: readonly number[], at: string): Float64Array {
  const count = shape.reduce((a, b) => a * b, 1);
  const items: ArrayLike<unknown> =
    ArrayBuffer.isView(value) || Array.isArray(value) ? (value as never) : [value];
  if (items.length !== count) {
    throw new InputError('NIR_VALUE', `${at}: found ${items.length} elements, expected ${count}`);
  }
  const numbers = new Float64Array(count);
  for (let i = 0; i < count; i++) {
    const x = Number(items[i]);
    if (typeof items[i] === 'bigint' && !Number.isSafeInteger(x)) {
      throw new InputError(
        'NIR_VALUE',
        `${at}: element ${i} is ${items[i]}, expected an integer within ±2^53`,
      );
    }
    numbers[i] = x;
  }
  return numbers;
}
