import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { jetstreamManager } from '@nats-io/jetstream';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connectNats, type NatsServer } from '../../stream/nats/index.js';
import { startTestNatsServer } from '../../test/nats-server.js';
import { openFileStore, openFileStores } from './files.js';
import { openNatsStores } from './nats.js';
import type { Store, Stores } from './store.js';

const folder = mkdtempSync(join(tmpdir(), 'nil-store-'));
const opened: Stores[] = [];
let server: NatsServer;

beforeAll(async () => {
  const config = join(folder, 'server.conf');
  writeFileSync(config, `jetstream { store_dir: ${JSON.stringify(join(folder, 'jetstream'))} }\n`);
  server = await startTestNatsServer({ config });
});
afterAll(async () => {
  for (const stores of opened) await stores.close();
  await server.stop();
  rmSync(folder, { recursive: true });
});

const bytes = (...values: number[]): Uint8Array => Uint8Array.from(values);

describe.each([
  ['in a folder', () => openFileStores(join(folder, 'stores'))],
  ['on NATS', () => openNatsStores({ url: server.url })],
])('a store %s', (_, open) => {
  let stores: Stores;
  let store: Store;
  beforeAll(async () => {
    stores = await open();
    opened.push(stores);
    store = await stores.open('run-1');
  });

  it('has what was put, under the last value of a key', async () => {
    expect(await store.keys.get('a')).toBeUndefined();
    await store.keys.put('b', bytes(1, 2));
    await store.keys.put('a', bytes());
    await store.keys.put('b', bytes(3));
    expect([...((await store.keys.get('b')) as Uint8Array)]).toEqual([3]);
    expect([...((await store.keys.get('a')) as Uint8Array)]).toEqual([]);
    expect(await store.keys.list()).toEqual(['a', 'b']);
    await store.keys.delete('a');
    await store.keys.delete('a');
    await store.keys.delete('never');
    expect(await store.keys.get('a')).toBeUndefined();
    expect(await store.keys.list()).toEqual(['b']);
    await store.keys.put('a', bytes(4));
    expect([...((await store.keys.get('a')) as Uint8Array)]).toEqual([4]);
    await store.keys.delete('a');
  });

  it('names blobs by their bytes', async () => {
    const large = Uint8Array.from({ length: 1 << 20 }, (_each, i) => i * 7);
    const ref = await store.blobs.put(large);
    expect(ref.bytes).toBe(large.length);
    expect(await store.blobs.put(large)).toEqual(ref);
    const empty = await store.blobs.put(bytes());
    expect(empty.sha256).toBe('e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855');
    expect(Buffer.compare(await store.blobs.get(ref), large)).toBe(0);
    expect((await store.blobs.get(empty)).length).toBe(0);
    expect(await store.blobs.list()).toEqual([ref.sha256, empty.sha256].sort());
    await store.blobs.delete(ref.sha256);
    await store.blobs.delete(ref.sha256);
    await store.blobs.delete('0'.repeat(64));
    await expect(store.blobs.get(ref)).rejects.toMatchObject({ code: 'BLOB_MISSING', exitStatus: 2 });
    expect(await store.blobs.list()).toEqual([empty.sha256]);
    expect(await store.blobs.put(large)).toEqual(ref);
    expect((await store.blobs.get(ref)).length).toBe(large.length);
    await expect(store.blobs.get({ ...ref, bytes: 3 })).rejects.toMatchObject({ code: 'BLOB_DAMAGED' });
    await store.blobs.delete(ref.sha256);
    await store.blobs.delete(empty.sha256);
  });

  it('is one of a run, and no other’s', async () => {
    const other = await stores.open('run-2');
    await other.keys.put('x', bytes(1));
    const ref = await other.blobs.put(bytes(9));
    expect(await stores.list()).toEqual(['run-1', 'run-2']);
    expect(await store.keys.get('x')).toBeUndefined();
    expect(await store.blobs.list()).toEqual([]);
    await other.keys.delete('x');
    await other.blobs.delete(ref.sha256);
    await other.close();
    expect(await stores.list()).toEqual(['run-1']);
  });

  it('takes no names that lead elsewhere', async () => {
    for (const name of ['', '..', '../x', 'a/b', 'a.b', 'a b', '*', '>', 'a\u0000']) {
      await expect(store.keys.put(name, bytes())).rejects.toThrow("can't be a key");
      await expect(stores.open(name)).rejects.toThrow("can't be a key");
    }
  });
});

describe('a store on NATS', () => {
  it('leaves no markers of what was deleted', async () => {
    const [, stores] = opened;
    const store = await stores.open('gone');
    const connection = await connectNats({ url: server.url });
    const manager = await jetstreamManager(connection);
    const messages = async (): Promise<number[]> =>
      Promise.all(
        ['KV_nil-checkpoints', 'OBJ_nil-blobs'].map(
          async (name) => (await manager.streams.info(name)).state.messages,
        ),
      );
    const before = await messages();
    for (let i = 0; i < 5; i++) {
      await store.keys.put(`k${i}`, bytes(i));
      const { sha256 } = await store.blobs.put(bytes(i, i));
      await store.keys.delete(`k${i}`);
      await store.blobs.delete(sha256);
    }
    expect(await messages()).toEqual(before);
    await connection.close();
  });

  it('leaves no consumers on the server of what was listed and read', async () => {
    const [, stores] = opened;
    const store = await stores.open('read');
    const connection = await connectNats({ url: server.url });
    const manager = await jetstreamManager(connection);
    const large = new Uint8Array(300_000).map((_, i) => i % 251);
    const ref = await store.blobs.put(large);
    await store.keys.put('k', bytes(1));
    expect(await stores.list()).toContain('read');
    expect(await store.keys.list()).toEqual(['k']);
    expect(await store.blobs.list()).toEqual([ref.sha256]);
    expect(Buffer.compare(await store.blobs.get(ref), large)).toBe(0);
    for (const name of ['KV_nil-checkpoints', 'OBJ_nil-blobs']) {
      expect((await manager.streams.info(name)).state.consumer_count).toBe(0);
    }
    await store.keys.delete('k');
    await store.blobs.delete(ref.sha256);
    await connection.close();
  });

  it('without JetStream is refused in one line', async () => {
    const plain = await startTestNatsServer();
    try {
      await expect(openNatsStores({ url: plain.url })).rejects.toMatchObject({
        code: 'STORE_UNUSABLE',
        message: expect.stringMatching(
          /^NATS nats:.*: found no JetStream .*, expected nats-server -js, or a folder$/,
        ),
      });
    } finally {
      await plain.stop();
    }
  });
});

describe('a store in a folder', () => {
  it('is one process’s at a time, and nobody’s when that is gone', async () => {
    const dir = join(folder, 'locked');
    const store = await openFileStore(dir);
    await expect(openFileStore(dir)).rejects.toMatchObject({ code: 'STORE_BUSY', exitStatus: 2 });
    await store.keys.put('a', bytes(1));
    await store.close();
    // A number that no process has.
    writeFileSync(join(dir, 'lock'), `${2 ** 22 + 1} ${(await import('node:os')).hostname()}\n`);
    const again = await openFileStore(dir);
    expect(await again.keys.list()).toEqual(['a']);
    await again.close();
    expect(existsSync(join(dir, 'lock'))).toBe(false);
  });

  it('forgets what was never finished, and leaves nothing when it is empty', async () => {
    const dir = join(folder, 'unfinished');
    mkdirSync(join(dir, 'blobs'), { recursive: true });
    mkdirSync(join(dir, 'keys'));
    writeFileSync(join(dir, 'blobs', 'abc.1.0.tmp'), 'half');
    writeFileSync(join(dir, 'keys', 'k.1.0.tmp'), 'half');
    const store = await openFileStore(dir);
    expect(readdirSync(join(dir, 'blobs'))).toEqual([]);
    expect(await store.keys.list()).toEqual([]);
    await store.close();
    expect(existsSync(dir)).toBe(false);
  });

  it('writes a blob again that has lost some of its bytes', async () => {
    const store = await openFileStore(join(folder, 'cut'));
    const ref = await store.blobs.put(bytes(1, 2, 3));
    truncateSync(join(folder, 'cut', 'blobs', ref.sha256), 1);
    await expect(store.blobs.get(ref)).rejects.toMatchObject({ code: 'BLOB_DAMAGED' });
    await store.blobs.put(bytes(1, 2, 3));
    expect((await store.blobs.get(ref)).length).toBe(3);
    await store.close();
  });

  it('can’t be a file', async () => {
    const path = join(folder, 'file');
    writeFileSync(path, '');
    await expect(openFileStore(path)).rejects.toMatchObject({ code: 'STORE_UNUSABLE' });
    await expect(openFileStores(path)).rejects.toMatchObject({ code: 'STORE_UNUSABLE' });
  });
});
