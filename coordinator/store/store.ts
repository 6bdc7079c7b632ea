/**
 * Where what has to outlive a process is kept: small values by key, and blobs by the hash of their bytes. A store belongs to one run.
 * Both kinds appear whole or not at all, and are durable when `put` resolves.
 */
import { createHash } from 'node:crypto';
import { InputError, RunError } from '../../graph/errors.js';

export interface Store {
  /** For people: a folder, a bucket. */
  readonly place: string;
  readonly keys: KeyValueStore;
  readonly blobs: BlobStore;
  close(): Promise<void>;
}

/** The stores of all runs that are kept in one place. */
export interface Stores {
  readonly place: string;
  /** Of a run, there or not. @throws InputError STORE_UNUSABLE, STORE_BUSY */
  open(runId: string): Promise<Store>;
  /** Runs that something is kept of. */
  list(): Promise<string[]>;
  close(): Promise<void>;
}

/** Keys are 1 to 120 letters, digits, `-`, `_`. */
export interface KeyValueStore {
  get(key: string): Promise<Uint8Array | undefined>;
  /** Replaces what was there. @throws RunError STORE_UNWRITABLE, and what was there before stays */
  put(key: string, value: Uint8Array): Promise<void>;
  /** Of what isn't there: nothing happens. */
  delete(key: string): Promise<void>;
  /** In the order of their characters. */
  list(): Promise<string[]>;
}

export interface BlobRef {
  /** Of the bytes, in hex: the blob's name. */
  readonly sha256: string;
  readonly bytes: number;
}

export interface BlobStore {
  /** A blob that is there already isn't written again. @throws RunError STORE_UNWRITABLE */
  put(bytes: Uint8Array): Promise<BlobRef>;
  /** The very bytes that were put. @throws InputError BLOB_MISSING, BLOB_DAMAGED */
  get(ref: BlobRef): Promise<Uint8Array>;
  /** By name; of what isn't there: nothing happens. */
  delete(sha256: string): Promise<void>;
  list(): Promise<string[]>;
}

/** What one message, and so one blob of it, can be. */
export const MOST_BLOB_BYTES = 2 ** 31 - 1;

/** @throws RunError BLOB_TOO_LARGE */
export function refOf(bytes: Uint8Array): BlobRef {
  if (bytes.length > MOST_BLOB_BYTES) {
    throw new RunError(
      'BLOB_TOO_LARGE',
      `found a blob of ${bytes.length} bytes, expected at most ${MOST_BLOB_BYTES}: more workers have smaller ones`,
    );
  }
  return { sha256: createHash('sha256').update(bytes).digest('hex'), bytes: bytes.length };
}

/**
 * Before anything of that size is read.
 * @throws InputError BLOB_DAMAGED for a reference to what can't be a blob
 */
export function checkRef(ref: BlobRef): BlobRef {
  const { sha256, bytes } = ref;
  const sound = /^[0-9a-f]{64}$/.test(sha256) && Number.isInteger(bytes) && bytes >= 0;
  if (sound && bytes <= MOST_BLOB_BYTES) return ref;
  throw new InputError(
    'BLOB_DAMAGED',
    `blob ${shortName(ref)}: found ${bytes} bytes, expected at most ${MOST_BLOB_BYTES}`,
  );
}

/** @throws InputError BLOB_DAMAGED when they aren't the bytes of this name */
export function checkBlob(ref: BlobRef, bytes: Uint8Array): Uint8Array {
  if (bytes.length !== ref.bytes) throw damagedBlob(ref, bytes.length);
  const { sha256 } = refOf(bytes);
  if (sha256 !== ref.sha256) {
    throw new InputError('BLOB_DAMAGED', `blob ${shortName(ref)}: found bytes of another checksum`);
  }
  return bytes;
}

export function damagedBlob(ref: BlobRef, found: number): InputError {
  return new InputError(
    'BLOB_DAMAGED',
    `blob ${shortName(ref)}: found ${found} bytes, expected ${ref.bytes}`,
  );
}

export function missingBlob(ref: BlobRef): InputError {
  return new InputError('BLOB_MISSING', `blob ${shortName(ref)}: not found`);
}

function shortName({ sha256 }: BlobRef): string {
  return `${sha256.slice(0, 12)}…`;
}

const KEY = /^[A-Za-z0-9_-]{1,120}$/;

/** Keys become file names and subjects. */
export function checkKey(key: string): string {
  if (KEY.test(key)) return key;
  throw new RangeError(`'${key}' can't be a key of a store`);
}
