import { mkdtempSync, readdirSync, rmSync, truncateSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { openFileStore } from './files.js';
import { checkRef, MOST_BLOB_BYTES, refOf } from './store.js';

const folder = mkdtempSync(join(tmpdir(), 'nil-blobs-'));
afterAll(() => rmSync(folder, { recursive: true }));

it('a blob is at most what a message can be', () => {
  // Never touched, so it takes no memory.
  const large = new Uint8Array(MOST_BLOB_BYTES + 1);
  expect(() => refOf(large)).toThrow(/found a blob of 2147483648 bytes/);
});

it('a reference to what can be no blob is refused before anything is read', async () => {
  const { sha256 } = refOf(new Uint8Array(3));
  expect(checkRef({ sha256, bytes: 3 })).toEqual({ sha256, bytes: 3 });
  for (const bytes of [2 ** 50, MOST_BLOB_BYTES + 1, -1, 0.5, Number.NaN]) {
    expect(() => checkRef({ sha256, bytes })).toThrow(/expected at most/);
  }
  const store = await openFileStore(join(folder, 'run'));
  const elsewhere = { sha256: '../keys/x', bytes: 3 };
  await expect(store.blobs.get(elsewhere)).rejects.toMatchObject({ code: 'BLOB_DAMAGED' });
  await store.close();
});

it('a file that has grown is not read', async () => {
  const dir = join(folder, 'grown');
  const store = await openFileStore(dir);
  const ref = await store.blobs.put(new Uint8Array(3));
  const [name] = readdirSync(join(dir, 'blobs'));
  // Beyond what Node can read at once.
  truncateSync(join(dir, 'blobs', name), 2 ** 40);
  await expect(store.blobs.get(ref)).rejects.toThrow(/found 1099511627776 bytes, expected 3/);
  await store.close();
});
