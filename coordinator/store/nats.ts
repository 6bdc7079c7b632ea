/**
 * Stores on a NATS server with JetStream: keys in a bucket of its key-value store, blobs in one of its object store, for all runs. Deleted
 * things leave nothing behind, not even the markers that the buckets' own `delete` leaves. A server that is away for some seconds is waited
 * for. Loaded only when it is used.
 */
import { type JetStreamManager, jetstream, jetstreamManager } from '@nats-io/jetstream';
import { type KV, Kvm } from '@nats-io/kv';
import type { NatsConnection } from '@nats-io/nats-core';
import { type ObjectInfo, type ObjectStore, Objm } from '@nats-io/obj';
import { InputError, RunError } from '../../graph/errors.js';
import { connectLasting, type NatsAccess } from '../../stream/nats/index.js';
import { PATIENCE_MS, Patient } from './patient.js';
import {
  type BlobStore,
  checkBlob,
  checkKey,
  checkRef,
  damagedBlob,
  type KeyValueStore,
  missingBlob,
  refOf,
  type Stores,
} from './store.js';

const KEYS = 'nil-checkpoints';
const BLOBS = 'nil-blobs';

export interface NatsStoresOptions {
  /** Servers of a cluster that each keep everything; 1 when undefined. Of buckets that are there already, what they were made with. */
  readonly replicas?: number;
  /** How long reading and writing wait for a server that is away; half a minute when undefined. */
  readonly patienceMs?: number;
}

/** To be there at the beginning. */
const CONNECT_MS = 5000;
const DRAIN_MS = 2000;

/** What a user of the server needs for this. */
export const NATS_STORE_PERMISSIONS = {
  publish: ['$JS.API.>', '$JS.ACK.>', `$KV.${KEYS}.>`, `$O.${BLOBS}.>`],
  subscribe: ['_INBOX.>'],
};

interface Buckets {
  readonly connection: NatsConnection;
  readonly manager: JetStreamManager;
  readonly keys: KV;
  readonly blobs: ObjectStore;
  readonly patient: Patient;
}

/**
 * @throws InputError STORE_UNUSABLE for a server without JetStream, or where the user may not use it; NilError when it can't be reached
 */
export async function openNatsStores(access: NatsAccess, options: NatsStoresOptions = {}): Promise<Stores> {
  const connection = await connectLasting(access, 'nil checkpoints', CONNECT_MS);
  try {
    const { replicas = 1, patienceMs = PATIENCE_MS } = options;
    const manager = await jetstreamManager(connection);
    const client = jetstream(connection);
    const keys = await new Kvm(client).create(KEYS, { history: 1, replicas });
    const blobs = await new Objm(client).create(BLOBS, { replicas });
    const patient = new Patient(connection, patienceMs);
    return storesOf({ connection, manager, keys, blobs, patient }, access.url);
  } catch (cause) {
    await connection.close();
    throw new InputError(
      'STORE_UNUSABLE',
      `NATS ${access.url}: found no JetStream to keep checkpoints in (${said(cause)}), expected nats-server -js, or a folder`,
      { cause },
    );
  }
}

function storesOf(buckets: Buckets, url: string): Stores {
  return {
    place: `NATS ${url}`,
    open: async (runId) => ({
      place: `NATS ${url}, run ${runId}`,
      keys: natsKeys(buckets, checkKey(runId)),
      blobs: natsBlobs(buckets, checkKey(runId)),
      close: async () => {},
    }),
    list: () =>
      reading(buckets, async () => {
        const names = await namesUnder(buckets.manager, `KV_${KEYS}`, `$KV.${KEYS}.`, '>');
        return [...new Set(names.map((name) => name.split('.')[0]))].sort();
      }),
    close: () => closed(buckets.connection),
  };
}

/** Draining a connection that looks for its server takes for ever. */
async function closed(connection: NatsConnection): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, DRAIN_MS);
  });
  await Promise.race([connection.drain().catch(() => {}), late]);
  clearTimeout(timer);
  await connection.close();
}

function natsKeys(buckets: Buckets, runId: string): KeyValueStore {
  const { keys, manager } = buckets;
  const nameOf = (key: string): string => `${runId}.${checkKey(key)}`;
  return {
    async get(key) {
      const name = nameOf(key);
      const entry = await reading(buckets, () => keys.get(name));
      return entry === null || entry.operation !== 'PUT' ? undefined : entry.value;
    },
    async put(key, value) {
      const name = nameOf(key);
      await writing(buckets, () => keys.put(name, value));
    },
    async delete(key) {
      const filter = `$KV.${KEYS}.${nameOf(key)}`;
      await writing(buckets, () => manager.streams.purge(`KV_${KEYS}`, { filter }));
    },
    list: () =>
      reading(buckets, async () => {
        const names = await namesUnder(manager, `KV_${KEYS}`, `$KV.${KEYS}.`, `${runId}.>`);
        return names.map((name) => name.slice(runId.length + 1)).sort();
      }),
  };
}

function natsBlobs(buckets: Buckets, runId: string): BlobStore {
  const { blobs, manager } = buckets;
  const nameOf = (sha256: string): string => `${runId}.${checkKey(sha256)}`;
  return {
    async put(bytes) {
      const ref = refOf(bytes);
      const name = nameOf(ref.sha256);
      await writing(buckets, async () => {
        const there = await blobs.info(name);
        if (there?.size !== bytes.length) await blobs.putBlob({ name }, bytes);
      });
      return ref;
    },
    async get(ref) {
      const name = nameOf(checkRef(ref).sha256);
      const bytes = await reading(buckets, async () => {
        const there = await blobs.info(name);
        if (there === null || there.deleted) return null;
        if (there.size !== ref.bytes) throw damagedBlob(ref, there.size);
        return chunksOf(manager, there);
      });
      if (bytes === null) throw missingBlob(ref);
      return checkBlob(ref, bytes);
    },
    async delete(sha256) {
      const name = nameOf(sha256);
      const encoded = Buffer.from(name).toString('base64url').padEnd(paddedLength(name), '=');
      await writing(buckets, async () => {
        if ((await blobs.info(name)) === null) return;
        await blobs.delete(name);
        await manager.streams.purge(`OBJ_${BLOBS}`, { filter: `$O.${BLOBS}.M.${encoded}` });
      });
    },
    list: () =>
      reading(buckets, async () => {
        const encoded = await namesUnder(manager, `OBJ_${BLOBS}`, `$O.${BLOBS}.M.`, '>');
        const names = encoded.map((name) => Buffer.from(name, 'base64url').toString());
        const own = names.filter((name) => name.startsWith(`${runId}.`));
        return own.map((name) => name.slice(runId.length + 1)).sort();
      }),
  };
}

/**
 * What comes after `prefix` in the subjects of a stream's messages. From the stream's own index: the buckets' `keys`, `list` and `get` each
 * leave a consumer on the server for five minutes, of which frequent checkpoints make thousands.
 */
async function namesUnder(
  manager: JetStreamManager,
  stream: string,
  prefix: string,
  filter: string,
): Promise<string[]> {
  const { state } = await manager.streams.info(stream, { subjects_filter: `${prefix}${filter}` });
  return Object.keys(state.subjects ?? {}).map((subject) => subject.slice(prefix.length));
}

/** Null when one isn't there. */
async function chunksOf(manager: JetStreamManager, { nuid, chunks }: ObjectInfo): Promise<Uint8Array | null> {
  const stream = `OBJ_${BLOBS}`;
  const parts: Uint8Array[] = [];
  for (let i = 0, seq = 1; i < chunks; i++) {
    const next = { seq, next_by_subj: `$O.${BLOBS}.C.${nuid}` };
    // Any server of a cluster may answer the first question, also one that hasn't heard of it yet; the second is its leader's.
    const found =
      (await manager.direct.getMessage(stream, next)) ?? (await manager.streams.getMessage(stream, next));
    if (found === null) return null;
    parts.push(found.data);
    seq = found.seq + 1;
  }
  return Buffer.concat(parts);
}

const paddedLength = (text: string): number => Math.ceil(Buffer.byteLength(text) / 3) * 4;

async function writing<T>({ patient }: Buckets, work: () => Promise<T>): Promise<T> {
  try {
    return await patient.do(work);
  } catch (cause) {
    throw new RunError('STORE_UNWRITABLE', `NATS bucket ${KEYS}: it can't be written: ${said(cause)}`, {
      cause,
    });
  }
}

async function reading<T>({ patient }: Buckets, work: () => Promise<T>): Promise<T> {
  try {
    return await patient.do(work);
  } catch (cause) {
    if (cause instanceof InputError) throw cause;
    throw new InputError('STORE_UNREADABLE', `NATS bucket ${KEYS}: it can't be read: ${said(cause)}`, {
      cause,
    });
  }
}

function said(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}
