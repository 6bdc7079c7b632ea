/** A store on a server that is killed and started again. */
import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { natsServerPath } from '../../test/nats-server.js';
import { openNatsStores } from './nats.js';
import type { Stores } from './store.js';

const folder = mkdtempSync(join(tmpdir(), 'nil-patient-'));
const children: ChildProcess[] = [];
const opened: Stores[] = [];

afterEach(async () => {
  for (const stores of opened.splice(0)) await stores.close();
  for (const child of children.splice(0)) await killed(child);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const probe = createServer().listen(0, '127.0.0.1', () => {
      const { port } = probe.address() as { readonly port: number };
      probe.close(() => resolve(port));
    });
  });
}

function started(port: number): ChildProcess {
  const flags = ['-a', '127.0.0.1', '-p', String(port), '-js', '-sd', join(folder, `${port}`)];
  const child = spawn(natsServerPath(), flags, { stdio: 'ignore' });
  children.push(child);
  return child;
}

function killed(child: ChildProcess): Promise<unknown> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve();
  const exited = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGKILL');
  return exited;
}

async function opening(port: number, patienceMs?: number): Promise<Stores> {
  const stores = await openNatsStores({ url: `nats://127.0.0.1:${port}` }, { patienceMs });
  opened.push(stores);
  return stores;
}

describe('a store on a server that dies', () => {
  it('waits for it: what is written and read meanwhile is there when it is back', async () => {
    const port = await freePort();
    const first = started(port);
    const stores = await opening(port);
    const store = await stores.open('run-1');
    await store.keys.put('before', Uint8Array.of(1));
    const large = randomBytes(3_000_000);
    await killed(first);
    const late = Promise.all([
      store.keys.put('during', Uint8Array.of(2)),
      store.blobs.put(large),
      store.keys.get('before'),
      stores.list(),
    ]);
    await new Promise((resolve) => setTimeout(resolve, 300));
    started(port);
    const [, ref, before, runs] = await late;
    expect([...(before ?? [])]).toEqual([1]);
    expect(runs).toEqual(['run-1']);
    expect([...((await store.keys.get('during')) ?? [])]).toEqual([2]);
    expect(Buffer.compare(await store.blobs.get(ref), large)).toBe(0);
    await store.keys.delete('during');
    expect(await store.keys.list()).toEqual(['before']);
  }, 40_000);

  it('writes all of a blob that it was killed in', async () => {
    const port = await freePort();
    const first = started(port);
    const store = await (await opening(port)).open('run-1');
    const blobs = Array.from({ length: 8 }, () => randomBytes(2_000_000));
    const late = Promise.all(blobs.map((blob) => store.blobs.put(blob)));
    await new Promise((resolve) => setTimeout(resolve, 20));
    await killed(first);
    started(port);
    const refs = await late;
    for (const [i, ref] of refs.entries()) {
      expect(Buffer.compare(await store.blobs.get(ref), blobs[i])).toBe(0);
    }
  }, 40_000);

  it('says so when it does not come back, and can be closed', async () => {
    const port = await freePort();
    const first = started(port);
    const store = await (await opening(port, 500)).open('run-1');
    await killed(first);
    await expect(store.keys.put('a', Uint8Array.of(1))).rejects.toMatchObject({ code: 'STORE_UNWRITABLE' });
    await expect(store.keys.get('a')).rejects.toMatchObject({ code: 'STORE_UNREADABLE' });
  }, 40_000);
});
