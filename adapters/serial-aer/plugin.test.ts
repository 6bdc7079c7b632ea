import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openPlugin, until } from '../../test/support/adapter.js';
import { encodeFrame, type SerialFrame } from './codec.js';
import { plugin } from './plugin.js';

const FIRMWARE = fileURLToPath(new URL('./firmware/', import.meta.url));
const compiler = ['cc', 'gcc', 'clang'].find((each) => spawnSync(each, ['--version']).status === 0);
const reason = compiler === undefined ? ' (skipped: no C compiler)' : '';

function compiled(folder: string, name: string): string {
  const out = join(folder, name);
  const args = [
    '-std=c99',
    '-Wall',
    '-Wextra',
    '-Werror',
    '-o',
    out,
    join(FIRMWARE, `${name}.c`),
    join(FIRMWARE, 'nil_aer.c'),
  ];
  const { status, stderr } = spawnSync(compiler as string, args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(stderr);
  return out;
}

const events = (neurons: readonly number[], arrivalNs: number) => ({
  count: neurons.length,
  populations: new Uint32Array(neurons.length),
  neurons: Uint32Array.from(neurons),
  stampsNs: new Float64Array(neurons.length),
  values: new Float32Array(neurons.length).fill(1),
  ports: new Uint8Array(neurons.length),
  weights: new Float64Array(neurons.length).fill(1),
  arrivalsNs: new Float64Array(neurons.length).fill(arrivalNs),
});

describe.skipIf(compiler === undefined)(`the firmware's C code${reason}`, () => {
  let folder: string;
  let board: ChildProcess | undefined;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'nil-serial-'));
  });
  afterAll(() => {
    board?.kill();
    rmSync(folder, { recursive: true, force: true });
  });

  test('reads what we write and writes the same bytes, and leaves out what is broken', () => {
    const check = compiled(folder, 'check');
    let state = 7;
    const draw = (below: number): number => {
      state = (Math.imul(state, 1103515245) + 12345) >>> 0;
      return Math.floor((state / 2 ** 32) * below);
    };
    const frames: SerialFrame[] = [];
    for (let i = 0; i < 300; i++) {
      const sequence = i & 0xff;
      const addressBytes = i % 2 === 0 ? 2 : 4;
      const count = i < 10 ? i : draw(addressBytes === 2 ? 126 : 84) + 1;
      const small = i % 3 === 0;
      frames.push({
        sequence,
        kind: 'events',
        addressBytes,
        ticks: small ? 0 : draw(2 ** 32),
        offsets: Uint16Array.from({ length: count }, () => (small ? 0 : draw(65536))),
        addresses: Uint32Array.from({ length: count }, () => draw(addressBytes === 2 ? 65536 : 2 ** 32)),
      });
    }
    frames.push({ sequence: 3, kind: 'hello', tickNs: 1000, addresses: 256, name: 'a board' });
    frames.push({ sequence: 4, kind: 'time-answer', nonce: 2 ** 32 - 1, ticks: 0 });
    const line = Buffer.concat(frames.map(encodeFrame));
    const same = spawnSync(check, { input: line, maxBuffer: 1 << 24 });
    expect(same.stderr.toString()).toBe('0\n');
    expect(Buffer.compare(same.stdout, line)).toBe(0);
    // A bit of every third frame turned: the two others come through.
    const good: Buffer[] = [];
    const changed = frames.map((frame, i) => {
      const bytes = Buffer.from(encodeFrame(frame));
      if (i % 3 === 0) bytes[draw(bytes.length - 1)] ^= 1 << draw(8);
      else good.push(bytes);
      return bytes;
    });
    const mended = spawnSync(check, { input: Buffer.concat(changed), maxBuffer: 1 << 24 });
    expect(Buffer.compare(mended.stdout, Buffer.concat(good))).toBe(0);
    expect(Number(mended.stderr.toString())).toBeGreaterThan(100);
  });

  test('a board on a pseudo-terminal is greeted, repeats every event, and its times are ours', async () => {
    board = spawn(compiled(folder, 'echo'), { stdio: ['ignore', 'pipe', 'inherit'] });
    const path = await new Promise<string>((resolve) =>
      board?.stdout?.once('data', (text) => resolve(String(text).trim())),
    );
    const it = await openPlugin(plugin, { path }, { sizes: { neurons: 256 }, speed: 1 });
    expect(it.lines[0]).toBe(`${path}: 'echo 1.0', 256 addresses, ticks of 1000 ns`);
    await new Promise((resolve) => setTimeout(resolve, 300));
    const all = Array.from({ length: 256 }, (_, i) => i);
    for (let i = 0; i < 4; i++) it.instance.inject?.(events(all, 5e6));
    await until(() => it.emitted.length === 1024, 'all came back');
    const count = (n: number): number => it.emitted.filter(({ neuron }) => neuron === n).length;
    expect(new Set(all.map(count))).toEqual(new Set([4]));
    expect(it.counters).toMatchObject({ events_sent: 1024, events_received: 1024 });
    expect(it.counters.frames_lost ?? 0).toBe(0);
    expect(it.counters.frames_broken ?? 0).toBe(0);
    const stamps = it.emitted.map(({ stampNs }) => stampNs);
    expect(Math.min(...stamps)).toBeGreaterThan(200e6);
    await it.instance.close();
    expect(it.lines.at(-1)).toMatch(/^the board's clock drifts by -?\d+\.\d ppm/);
    expect(it.failures).toEqual([]);
  });

  test('what is wrong is said', async () => {
    await expect(openPlugin(plugin, { path: join(folder, 'none') })).rejects.toThrow(
      'expected a serial port',
    );
    const silent = spawn(compiled(folder, 'echo'), { stdio: ['ignore', 'pipe', 'inherit'] });
    const path = await new Promise<string>((resolve) =>
      silent.stdout.once('data', (text) => resolve(String(text).trim())),
    );
    await expect(openPlugin(plugin, { path }, { sizes: { neurons: 300 } })).rejects.toThrow(
      "'echo 1.0' has 256 addresses, expected more than 299",
    );
    silent.kill();
  });
});
