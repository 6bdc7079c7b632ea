/** A whole run with a board on a serial line: the firmware's C code as a program at the other end of a pseudo-terminal. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Summary } from '../../coordinator/results/index.js';
import { nil } from '../cli-io.js';

const FIRMWARE = fileURLToPath(new URL('../../adapters/serial-aer/firmware/', import.meta.url));
const compiler = ['cc', 'gcc', 'clang'].find((each) => spawnSync(each, ['--version']).status === 0);
const reason = compiler === undefined ? ' (skipped: no C compiler)' : '';

/** Neurons on workers drive the board, whose echoes drive others on workers. */
const graph = (path: string): string => `
nil: 1
name: serial
defaults: { dt: 1 ms, duration: 300 ms, seed: 7 }
adapters:
  board: { kind: serial-aer, path: ${path}, look_ahead: 50 ms, late: deliver-late }
populations:
  in: { model: poisson_source, size: 20, params: { rate: 50 Hz } }
  chip: { model: external, size: 20, placement: board }
  out: { model: iaf_psc_delta, size: 10 }
projections:
  - { source: in, target: chip, rule: one_to_one, weight: 1, delay: 10 ms }
  - { source: chip, target: out, rule: all_to_all, weight: 20 mV, delay: 10 ms }
`;

describe.skipIf(compiler === undefined)(`a run with a board on a serial line${reason}`, () => {
  const folder = mkdtempSync(join(tmpdir(), 'nil-serial-run-'));
  const out = join(folder, 'out');
  let board: ChildProcess;
  let path = '';

  beforeAll(async () => {
    const program = join(folder, 'echo');
    const sources = ['echo.c', 'nil_aer.c'].map((name) => join(FIRMWARE, name));
    const { status, stderr } = spawnSync(compiler as string, ['-std=c99', '-o', program, ...sources], {
      encoding: 'utf8',
    });
    if (status !== 0) throw new Error(stderr);
    board = spawn(program, { stdio: ['ignore', 'pipe', 'inherit'] });
    path = await new Promise((resolve) => board.stdout?.once('data', (text) => resolve(String(text).trim())));
    writeFileSync(join(folder, 'net.nil.yaml'), graph(path));
  }, 60_000);
  afterAll(() => {
    board.kill();
    rmSync(folder, { recursive: true, force: true });
  });

  it('sends what reaches the board, records what comes back, and is replayed without it', async () => {
    const net = join(folder, 'net.nil.yaml');
    const run = await nil('run', net, '--workers', '2', '--realtime', '0.25', '--out', out, '--quiet');
    expect(run.status, run.err).toBe(0);
    const summary = JSON.parse(readFileSync(join(out, 'summary.json'), 'utf8')) as Summary;
    const adapter = summary.federates.find(({ name }) => name === 'board')?.adapter;
    const spikes = (name: string): number =>
      summary.populations.find((population) => population.name === name)?.spikeCount ?? 0;
    // 20 neurons at 50 Hz for 300 ms; what is sent within the last steps has no time to come back.
    expect(adapter?.counters.events_sent).toBeGreaterThan(200);
    expect(adapter?.counters.events_sent).toBe(adapter?.eventsIn);
    expect(spikes('chip')).toBe(adapter?.eventsOut);
    expect(adapter?.eventsOut).toBeGreaterThan(100);
    expect(adapter?.eventsOut).toBeLessThanOrEqual(adapter?.counters.events_received ?? 0);
    expect(adapter?.counters).not.toHaveProperty('frames_broken');
    expect(spikes('out')).toBeGreaterThan(10);
    const again = await nil('replay', out, '--workers', '1');
    expect(again.status, again.err).toBe(0);
  }, 120_000);
});
