import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { writeSpikeFile } from '../../coordinator/results/index.js';
import { openPlugin, spikes } from '../../test/support/adapter.js';
import { plugin } from './plugin.js';

const DT = 100_000;
let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'nil-tape-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function recorded(path: string): Promise<void> {
  const it = await openPlugin(
    plugin,
    { record: path },
    { sizes: { tape: 1 }, sources: { a: 3, b: 4 }, endNs: 30 * DT },
  );
  await it.instance.inject?.(
    spikes([
      [0, 2, 4 * DT],
      [1, 3, 3 * DT],
      [1, 0, 3 * DT],
    ]),
  );
  await it.instance.advance(10 * DT, 0);
  await it.instance.inject?.(
    spikes([
      [0, 0, 10 * DT],
      [0, 1, 29 * DT],
    ]),
  );
  await it.instance.advance(30 * DT, 10 * DT);
  expect(it.counters).toEqual({ spikes_recorded: 5 });
  await it.instance.close();
}

test('plays what it recorded, at the same times, by the names of the populations', async () => {
  const path = join(folder, 'a.niltape');
  await recorded(path);
  const it = await openPlugin(plugin, { play: path, as: { copy: 'b' } }, { sizes: { a: 3, copy: 4 } });
  await it.instance.advance(3 * DT, 0);
  expect(it.emitted.map(({ population, neuron, stampNs }) => [population, neuron, stampNs])).toEqual([
    [1, 0, 3 * DT],
    [1, 3, 3 * DT],
  ]);
  await it.instance.advance(1e9, 3 * DT);
  expect(
    it.emitted.slice(2).map(({ population, neuron, stampNs }) => [population, neuron, stampNs / DT]),
  ).toEqual([
    [0, 2, 4],
    [0, 0, 10],
    [0, 1, 29],
  ]);
  await it.instance.close();
});

test('a recording that was cut off is played up to where it ends, and said to have none', async () => {
  const path = join(folder, 'b.niltape');
  await recorded(path);
  writeFileSync(path, readFileSync(path).subarray(0, -10));
  const it = await openPlugin(plugin, { play: path, as: { copy: 'a' } }, { sizes: { copy: 3 } });
  await it.instance.advance(1e9, 0);
  expect(it.emitted.length).toBe(3);
  expect(it.lines).toEqual([`${path} has no end: its recording was cut off`]);
  await it.instance.close();
});

test('plays SONATA spikes', async () => {
  const path = join(folder, 'c.h5');
  const columns = { steps: Uint32Array.of(2, 2, 9), neurons: Uint32Array.of(0, 3, 1) };
  writeSpikeFile(path, DT, [{ population: 0, name: 'x', recorded: 4, ...columns }]);
  const it = await openPlugin(plugin, { play: path }, { sizes: { copy: 4 } });
  await it.instance.advance(1e9, 0);
  expect(it.emitted.map(({ neuron, stampNs }) => [neuron, stampNs / DT])).toEqual([
    [0, 3],
    [3, 3],
    [1, 10],
  ]);
  await it.instance.close();
  await expect(openPlugin(plugin, { play: path }, { sizes: { copy: 3 } })).rejects.toThrow(
    'neuron 3 for population copy',
  );
});

test('what is wrong is said', async () => {
  const open = (block: Record<string, unknown>, sizes = { copy: 4 }) => openPlugin(plugin, block, { sizes });
  const path = join(folder, 'd.niltape');
  await recorded(path);
  await expect(open({})).rejects.toThrow("expected either 'record' or 'play'");
  await expect(open({ record: path })).rejects.toThrow('found no population that projects to it');
  await expect(open({ play: join(folder, 'none') })).rejects.toMatchObject({ code: 'TAPE_FILE' });
  await expect(open({ play: path })).rejects.toThrow('found populations a, b, expected copy');
  await expect(open({ play: path, as: { copy: 'a' } })).rejects.toThrow(
    'a has 3 neurons, expected the 4 of copy',
  );
  writeFileSync(path, Buffer.from('what else'));
  await expect(open({ play: path })).rejects.toThrow('d.niltape: recording: found other first bytes');
});
