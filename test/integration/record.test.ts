/** nil record and nil play, and the adapter file: what was recorded is what the run recorded, and drives another run as the population did. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { nil } from '../cli-io.js';

const NETWORK = fileURLToPath(new URL('../../examples/brunel-small.nil.yaml', import.meta.url));
let folder: string;
let tape: string;
let ran: string[];
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'nil-record-'));
  tape = join(folder, 'both.niltape');
  const recorded = await nil(
    'record',
    NETWORK,
    'exc',
    'inh',
    '--duration',
    '50ms',
    '--workers',
    '2',
    '--to',
    tape,
    '--quiet',
  );
  expect(recorded).toMatchObject({ status: 0, err: '' });
  expect(
    (await nil('run', NETWORK, '--duration', '50ms', '--out', join(folder, 'run'), '--quiet')).status,
  ).toBe(0);
  ran = (await nil('spikes', join(folder, 'run'))).out.trim().split('\n');
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('a recording has every spike of the run', async () => {
  const { status, out } = await nil('play', tape, '--csv');
  expect(status).toBe(0);
  expect(ran.length).toBeGreaterThan(100);
  expect(out.trim().split('\n').sort()).toEqual([...ran].sort());
  expect((await nil('play', tape)).out).toMatch(
    /^steps of 0\.1 ms, last spike at .*\n {2}exc: 100 neurons, \d+ spikes\n {2}inh: 25/,
  );
});

test('it drives another network as the population itself did, also from SONATA', async () => {
  const sonata = join(folder, 'both.h5');
  expect((await nil('play', tape, '--sonata', sonata)).status).toBe(0);
  for (const file of [tape, sonata]) {
    const graph = join(folder, 'played.nil.yaml');
    writeFileSync(
      graph,
      `nil: 1
name: played
defaults: {dt: 0.1 ms, duration: 50 ms, seed: 1}
adapters: {tape: {kind: file, play: '${file}', as: {input: exc}}}
placement: {input: tape}
populations:
  input: {model: spike_source, size: 100}
  out: {model: iaf_psc_delta, size: 4}
projections:
  - {source: input, target: out, rule: all_to_all, weight: 1 mV, delay: 1 ms}
recordings:
  - {kind: spikes, population: input}
`,
    );
    const out = join(folder, 'played');
    const told = await nil('run', graph, '--out', out, '--quiet');
    expect(told).toMatchObject({ status: 0, err: '' });
    const played = (await nil('spikes', out)).out.trim().split('\n');
    const wanted = ran
      .filter((line) => !line.includes(',inh,'))
      .map((line) => line.replace(',exc,', ',input,'));
    expect(played).toEqual(wanted);
    rmSync(out, { recursive: true });
  }
});

test('what is wrong is said', async () => {
  expect(await nil('record', NETWORK, 'none', '--to', tape)).toMatchObject({
    status: 2,
    err: 'nil: none: found no such population, expected one of exc, inh\n',
  });
  expect((await nil('play', join(folder, 'run', 'spikes.h5'))).err).toContain(
    'found other first bytes than those of a recording',
  );
  expect((await nil('play', tape, '--realtime', '1')).err).toContain('found no --csv beside it');
});
