/** A store in a folder: `keys/KEY`, `blobs/HASH`, and a `lock` that names who writes. */
import { constants, rmSync } from 'node:fs';
import { type FileHandle, mkdir, open, readdir, readFile, rename, rm, rmdir, stat } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join, resolve } from 'node:path';
import { InputError, RunError } from '../../graph/errors.js';
import {
  type BlobRef,
  type BlobStore,
  checkBlob,
  checkKey,
  checkRef,
  damagedBlob,
  type KeyValueStore,
  missingBlob,
  refOf,
  type Store,
  type Stores,
} from './store.js';

const KEYS = 'keys';
const BLOBS = 'blobs';
const LOCK = 'lock';
/** What was begun and never finished ends so. */
const UNFINISHED = '.tmp';

/** Folders that stores of this process hold. */
const held = new Set<string>();

/**
 * Opens a folder as a store, and makes it where it isn't there. One process at a time.
 * @throws InputError STORE_UNUSABLE when it can't be a store, STORE_BUSY when another process has it
 */
export async function openFileStore(dir: string): Promise<Store> {
  const keys = join(dir, KEYS);
  const blobs = join(dir, BLOBS);
  try {
    await mkdir(keys, { recursive: true });
    await mkdir(blobs, { recursive: true });
  } catch (cause) {
    throw unusable(dir, cause);
  }
  const unlock = await lock(dir);
  try {
    await removeUnfinished(keys);
    await removeUnfinished(blobs);
  } catch (cause) {
    unlock();
    throw unusable(dir, cause);
  }
  return { place: dir, keys: fileKeys(keys), blobs: fileBlobs(blobs), close };

  async function close(): Promise<void> {
    unlock();
    // A store that nothing is in leaves nothing behind.
    for (const folder of [keys, blobs, dir]) await rmdir(folder).catch(() => undefined);
  }
}

/**
 * Stores of many runs, each in a folder of its id.
 * @throws InputError STORE_UNUSABLE
 */
export async function openFileStores(dir: string): Promise<Stores> {
  try {
    await mkdir(dir, { recursive: true });
  } catch (cause) {
    throw unusable(dir, cause);
  }
  return {
    place: dir,
    open: async (runId) => openFileStore(join(dir, checkKey(runId))),
    async list() {
      const found: string[] = [];
      for (const name of await readdir(dir)) if (await isFileStore(join(dir, name))) found.push(name);
      return found.sort();
    },
    close: async () => {},
  };
}

/** Whether a folder is a store, or was meant to be one. */
export async function isFileStore(dir: string): Promise<boolean> {
  const found = await Promise.all([KEYS, BLOBS].map((name) => isFolder(join(dir, name))));
  return found.every(Boolean);
}

async function isFolder(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory();
  } catch {
    return false;
  }
}

function fileKeys(dir: string): KeyValueStore {
  return {
    get: async (key) => readIfThere(join(dir, checkKey(key))),
    put: async (key, value) => writeWhole(dir, checkKey(key), value),
    delete: async (key) => rm(join(dir, checkKey(key)), { force: true }),
    list: async () => (await readdir(dir)).filter((name) => !name.endsWith(UNFINISHED)).sort(),
  };
}

function fileBlobs(dir: string): BlobStore {
  return {
    async put(bytes) {
      const ref = refOf(bytes);
      if (!(await isWhole(join(dir, ref.sha256), ref))) await writeWhole(dir, ref.sha256, bytes);
      return ref;
    },
    async get(ref) {
      const path = join(dir, checkRef(ref).sha256);
      // Damaged, if it is larger than it says: not even read.
      const size = await sizeOf(path);
      if (size !== undefined && size !== ref.bytes) throw damagedBlob(ref, size);
      const bytes = await readIfThere(path);
      if (bytes === undefined) throw missingBlob(ref);
      return checkBlob(ref, bytes);
    },
    delete: async (sha256) => rm(join(dir, checkKey(sha256)), { force: true }),
    list: async () => (await readdir(dir)).filter((name) => !name.endsWith(UNFINISHED)).sort(),
  };
}

/** One of another length is a blob that was damaged, and is written anew. */
async function isWhole(path: string, { bytes }: BlobRef): Promise<boolean> {
  return (await sizeOf(path)) === bytes;
}

async function sizeOf(path: string): Promise<number | undefined> {
  try {
    return (await stat(path)).size;
  } catch {
    return undefined;
  }
}

async function readIfThere(path: string): Promise<Uint8Array | undefined> {
  try {
    return await readFile(path);
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (code === 'ENOENT') return undefined;
    throw new InputError('STORE_UNREADABLE', `${path}: it can't be read (${code})`, { cause });
  }
}

let written = 0;

/** Under another name first, and on the disk before it gets its own. */
async function writeWhole(dir: string, name: string, bytes: Uint8Array): Promise<void> {
  const path = join(dir, name);
  const unfinished = `${path}.${process.pid}.${written++}${UNFINISHED}`;
  try {
    await withFile(unfinished, 'wx', async (file) => {
      await file.writeFile(bytes);
      await file.sync();
    });
    await rename(unfinished, path);
    await withFile(dir, constants.O_RDONLY, (folder) => folder.sync());
  } catch (cause) {
    await rm(unfinished, { force: true }).catch(() => undefined);
    const { code, message } = cause as NodeJS.ErrnoException;
    const found = code === 'ENOSPC' ? 'the disk is full' : (code ?? message);
    throw new RunError('STORE_UNWRITABLE', `${dir}: it can't be written: ${found}`, { cause });
  }
}

async function withFile(
  path: string,
  flags: string | number,
  work: (file: FileHandle) => Promise<void>,
): Promise<void> {
  const file = await open(path, flags);
  try {
    await work(file);
  } finally {
    await file.close();
  }
}

async function removeUnfinished(dir: string): Promise<void> {
  for (const name of await readdir(dir)) {
    if (name.endsWith(UNFINISHED)) await rm(join(dir, name), { force: true });
  }
}

/** Returns how to unlock. A lock of a process of this machine that is gone is nobody's. */
async function lock(dir: string): Promise<() => void> {
  const path = join(dir, LOCK);
  const own = resolve(dir);
  if (held.has(own)) throw busy(dir, process.pid, hostname());
  for (let attempt = 0; ; attempt++) {
    try {
      await withFile(path, 'wx', (file) => file.writeFile(`${process.pid} ${hostname()}\n`));
      break;
    } catch (cause) {
      if ((cause as NodeJS.ErrnoException).code !== 'EEXIST') throw unusable(dir, cause);
    }
    const [pid, host = ''] = Buffer.from((await readIfThere(path)) ?? [])
      .toString('utf8')
      .trim()
      .split(' ');
    if (attempt > 2 || host !== hostname() || isAlive(Number(pid))) throw busy(dir, Number(pid), host);
    await rm(path, { force: true });
  }
  held.add(own);
  return () => {
    if (held.delete(own)) rmSync(path, { force: true });
  };
}

function isAlive(pid: number): boolean {
  // Ours isn't held, so it was of a process that had our number before.
  if (!(pid > 0) || pid === process.pid) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH';
  }
}

function busy(dir: string, pid: number, host: string): InputError {
  return new InputError(
    'STORE_BUSY',
    `${dir}: found process ${pid} on ${host} at work in it, expected nobody (if it is gone, delete ${join(dir, LOCK)})`,
  );
}

function unusable(dir: string, cause: unknown): InputError {
  const { code } = cause as NodeJS.ErrnoException;
  const found =
    code === 'EEXIST' || code === 'ENOTDIR' ? 'a file in its place' : `it can't be written (${code})`;
  return new InputError('STORE_UNUSABLE', `${dir}: found ${found}, expected a folder for checkpoints`, {
    cause,
  });
}
