/** The adapter of docs/adapters.md, written by somebody who has the page and the package only. */
import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const page = readFileSync(join(ROOT, 'docs/adapters.md'), 'utf8');
const folder = mkdtempSync(join(tmpdir(), 'nil-tutorial-'));

/** Code blocks of the page that say what file they are. */
function files(): Map<string, string> {
  return new Map(
    [...page.matchAll(/```\w+ file=(\S+)\n([\s\S]*?)```/g)].map(([, name, text]) => [name, text]),
  );
}

async function nil(...args: string[]): Promise<string> {
  const run = promisify(execFile);
  const { stdout } = await run(process.execPath, [join(ROOT, 'dist/cli/main.js'), ...args], { cwd: folder });
  return stdout;
}

beforeAll(() => {
  // What `npm i nil-runtime` does.
  mkdirSync(join(folder, 'node_modules'));
  symlinkSync(ROOT, join(folder, 'node_modules/nil-runtime'));
  symlinkSync(join(ROOT, 'node_modules/zod'), join(folder, 'node_modules/zod'));
  for (const [name, text] of files()) writeFileSync(join(folder, name), text);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('the tutorial', () => {
  it('has an adapter of at most 60 lines', () => {
    expect([...files().keys()]).toEqual(['pause.mjs', 'loop.nil.yaml']);
    expect(files().get('pause.mjs')?.trimEnd().split('\n').length).toBeLessThanOrEqual(60);
  });

  it('explains itself, runs on any number of workers, and is replayed', async () => {
    const help = await nil('adapter', './pause.mjs', '--help');
    expect(help).toContain('Pause 1.0.0: adapter pause');
    expect(help).toMatch(/pause_ms +how long a neuron is silent after a spike \(number; default: 2\)/);
    expect(help).toContain('delaySteps: 1 to 15');
    const json = async (...args: string[]) => JSON.parse(await nil(...args, '--json', '--quiet'));
    const two = await json('run', 'loop.nil.yaml', '--workers', '2', '--out', 'out/loop');
    const [chip] = two.populations;
    expect(chip).toMatchObject({ name: 'chip', model: 'external' });
    // A spike every 5 ms at most, and nearly that of 20 inputs of 50 Hz.
    expect(chip.rateHz).toBeGreaterThan(150);
    expect(chip.rateHz).toBeLessThanOrEqual(200);
    expect(two.federates[2].adapter).toMatchObject({
      kind: 'pause',
      counters: { ignored: expect.any(Number) },
    });
    expect(await json('replay', 'out/loop', '--workers', '1')).toMatchObject({ digest: two.digest });
    const realTime = await json('run', 'loop.nil.yaml', '--realtime', '1.0');
    expect(realTime.wallSeconds.simulate).toBeGreaterThan(0.19);
  });

  it('says what it can not hold', async () => {
    writeFileSync(
      join(folder, 'far.nil.yaml'),
      (files().get('loop.nil.yaml') ?? '').replaceAll('delay: 1 ms', 'delay: 9 ms'),
    );
    await expect(nil('run', 'far.nil.yaml')).rejects.toMatchObject({
      code: 2,
      stderr: expect.stringContaining(
        "projections.in_to_chip.delay: adapter 'device' (pause) has the constraint delaySteps: found a delay of 9 ms (90 steps), expected 0.1 ms to 1.5 ms (15 steps)",
      ),
    });
    const lowered = JSON.parse(await nil('run', 'far.nil.yaml', '--lower', '--json', '--quiet')).lowered;
    expect(lowered).toEqual([
      expect.objectContaining({ place: 'projections.in_to_chip.delay', maxChange: 7.5e6 }),
    ]);
  });
});
