/** `nil run` killed in the middle and gone on with; and everything that can be wrong with a checkpoint on the way. */
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { main } from '../../cli/program.js';
import type { Summary } from '../../coordinator/results/index.js';
import { nil, testIo } from '../cli-io.js';

const folder = mkdtempSync(join(tmpdir(), 'nil-checkpoints-cli-'));
afterAll(() => rmSync(folder, { recursive: true }));

const SMALL = 'examples/brunel-small.nil.yaml';
const entry = 'dist/cli/main.js';
const LONG = ['--duration', '3s'];
/** Without this, it can be over before anybody stops it. */
const SLOW = ['--workers', '2', '--window-steps', '1'];

async function summaryOf(...argv: string[]): Promise<Summary> {
  const { status, out, err } = await nil('run', ...argv, '--json');
  expect([status, err]).toEqual([0, '']);
  return JSON.parse(out) as Summary;
}

let undisturbed: Summary;
beforeAll(async () => {
  if (!existsSync(entry)) throw new Error(`no ${entry}: build first (npm run build)`);
  undisturbed = await summaryOf(SMALL, ...LONG);
  expect(undisturbed.spikeCount).toBeGreaterThan(1000);
});

const keysIn = (dir: string): string[] => {
  const keys = join(dir, 'keys');
  return existsSync(keys) ? readdirSync(keys).filter((name) => /^at-\d+$/.test(name)) : [];
};

/** Starts a process and kills it without warning when `count` checkpoints are there, the last after step `after`. */
async function killedAt(dir: string, count: number, after: number, ...argv: string[]): Promise<void> {
  const child = spawn('node', [entry, 'run', ...argv, '--quiet'], { stdio: 'ignore' });
  const exited = new Promise<number | null>((resolve) => child.once('exit', resolve));
  const due = (): boolean => {
    const keys = keysIn(dir);
    return keys.length >= count && Number(keys.sort().at(-1)?.slice(3)) > after;
  };
  while (child.exitCode === null && !due()) await new Promise((resolve) => setTimeout(resolve, 5));
  child.kill('SIGKILL');
  expect(await exited).toBeNull();
}

const newest = (dir: string): number => Number(keysIn(dir).sort().at(-1)?.slice(3));

function expectSame(summary: Summary): void {
  const { digest, spikeCount, synapticEvents, populations } = undisturbed;
  expect(summary).toMatchObject({ state: 'done', digest, spikeCount, synapticEvents, populations });
}

describe('a run that is killed', () => {
  it('goes on on other workers, is killed again, and ends as if nothing had happened', async () => {
    const out = join(folder, 'killed');
    const store = join(out, 'checkpoints');
    await killedAt(store, 2, 0, SMALL, ...LONG, '--workers', '2', '--checkpoint-every', '50ms', '--out', out);
    const first = newest(store);
    await killedAt(store, 2, first, '--resume', out, '--workers', '3');
    expect(newest(store)).toBeGreaterThan(first);
    const summary = await summaryOf('--resume', out, '--workers', '1', '--threads', '2');
    expectSame(summary);
    expect(summary.resumedFromNs).toBeGreaterThanOrEqual(newestOf(first));
    // Every spike once, in the files, too.
    const spikes = await nil('spikes', out, '--csv');
    expect(spikes.out.split('\n').length).toBe(undisturbed.spikeCount + 2);
    expect(readdirSync(out).sort()).toEqual(['report.html', 'spikes.h5', 'states.h5', 'summary.json']);
  });

  it('in the middle of writing leaves what was whole before', async () => {
    const store = join(folder, 'often');
    const often = ['--checkpoint-every', '1ms', '--checkpoint-dir', store, '--workers', '2'];
    for (let i = 0, after = 0; i < 4; i++) {
      const argv = i === 0 ? [SMALL, ...LONG, ...often] : ['--resume', store];
      await killedAt(store, 2, after, ...argv);
      after = newest(store);
    }
    // Nothing stays of what was never finished.
    expectSame(await summaryOf('--resume', store, '--workers', '2', '--checkpoint-every', '1s'));
    expect(existsSync(store)).toBe(false);
  });

  it('at wall times goes on, too', async () => {
    const store = join(folder, 'wall');
    const often = ['--checkpoint-every-wall', '20ms', '--checkpoint-dir', store, '--workers', '2'];
    await killedAt(store, 2, 0, SMALL, ...LONG, ...often);
    expectSame(await summaryOf('--resume', store));
  });
});

const newestOf = (step: number): number => step * 100_000;

describe('a run that is stopped', () => {
  it('says what it can go on from, at the time that is chosen', async () => {
    const out = join(folder, 'stopped');
    const store = join(out, 'checkpoints');
    const io = testIo();
    const argv = ['run', SMALL, ...LONG, ...SLOW, '--checkpoint-every', '100ms', '--out', out, '--json'];
    const ended = main(argv, io);
    while (keysIn(store).length < 2) await new Promise((resolve) => setTimeout(resolve, 5));
    io.interrupt();
    expect(await ended).toBe(1);
    const at = newest(store) / 10;
    expect(io.told.err).toMatch(
      new RegExp(`stopped at .*; --resume ${out} goes on from ${at >= 1000 ? at / 1000 : at} m?s\n$`),
    );
    const [older] = keysIn(store).sort();
    const ms = Number(older.slice(3)) / 10;
    const wrong = await nil('run', '--resume', out, '--resume-at', '77ms');
    expect(wrong.err).toMatch(/found no checkpoint at 77 ms, expected one of \d.* m?s, \d.* m?s\n$/);
    expect(wrong.status).toBe(2);
    const summary = await summaryOf('--resume', out, '--resume-at', `${ms}ms`);
    expectSame(summary);
    expect(summary.resumedFromNs).toBe(ms * 1e6);
  });
});

describe('a damaged checkpoint', () => {
  let store: string;
  let last: string;
  beforeAll(async () => {
    store = join(folder, 'whole');
    const often = ['--checkpoint-every', '20ms', '--checkpoint-dir', store, '--workers', '2'];
    await killedAt(store, 2, 0, SMALL, ...LONG, ...often);
    last = keysIn(store).sort().at(-1) as string;
  });

  let copies = 0;
  function copy(): string {
    const dir = join(folder, `copy${copies++}`);
    cpSync(store, dir, { recursive: true });
    return dir;
  }

  interface Stored {
    readonly manifest: {
      readonly snapshots: readonly { readonly sha256: string }[];
      readonly records: readonly { readonly sha256: string }[];
      readonly graph: { readonly sha256: string };
    };
  }
  const manifestIn = (dir: string): Stored['manifest'] =>
    (JSON.parse(readFileSync(join(dir, 'keys', last), 'utf8')) as Stored).manifest;
  const snapshotIn = (dir: string): string => join(dir, 'blobs', manifestIn(dir).snapshots[1].sha256);

  const flip = (path: string): void => {
    const bytes = readFileSync(path);
    bytes[bytes.length >> 1] ^= 1;
    writeFileSync(path, bytes);
  };
  const change = (from: RegExp | string, to: string) => (dir: string) => {
    const path = join(dir, 'keys', last);
    const text = readFileSync(path, 'utf8');
    const changed = text.replace(from, to);
    expect(changed).not.toBe(text);
    writeFileSync(path, changed);
  };

  const cases: readonly (readonly [string, (dir: string) => void, RegExp])[] = [
    ['a blob that is gone', (dir) => rmSync(snapshotIn(dir)), /blob [0-9a-f]{12}…: not found/],
    ['a blob that is cut', (dir) => truncateSync(snapshotIn(dir), 100), /found 100 bytes, expected \d+/],
    ['a blob with a wrong bit', (dir) => flip(snapshotIn(dir)), /found bytes of another checksum/],
    [
      'records that are empty',
      (dir) => truncateSync(join(dir, 'blobs', manifestIn(dir).records.at(-1)?.sha256 as string)),
      /found 0 bytes/,
    ],
    [
      'a manifest that is cut',
      (dir) => truncateSync(join(dir, 'keys', last), 200),
      /bytes that are no manifest/,
    ],
    [
      'an empty manifest',
      (dir) => truncateSync(join(dir, 'keys', last)),
      /found 0 bytes that are no manifest/,
    ],
    ['a changed manifest', change(/"seed":\d+/, '"seed":99'), /manifest: found another checksum/],
    ['no JSON object', (dir) => writeFileSync(join(dir, 'keys', last), 'null'), /bytes that are no manifest/],
  ];

  it.each(cases)('%s is one line, and the older one is offered', async (_, damage, message) => {
    const dir = copy();
    damage(dir);
    const { status, out, err } = await nil('run', '--resume', dir);
    expect(err).toMatch(message);
    const offer = /^nil: [^\n]+; an older one is whole: --resume-at (\d+ms) goes on from it\n$/.exec(err);
    expect([status, out, offer?.length]).toEqual([2, '', 2]);
    expectSame(await summaryOf('--resume', dir, '--resume-at', offer?.[1] as string));
  });

  it('of which the older is damaged, too, is said to be so', async () => {
    const dir = copy();
    rmSync(join(dir, 'blobs', manifestIn(dir).graph.sha256));
    const { status, err } = await nil('run', '--resume', dir);
    expect(err).toMatch(/: the checkpoint at \d.* m?s can't be used: blob .*; no older one is whole\n$/);
    expect(status).toBe(2);
  });

  it('of another version is refused', async () => {
    const dir = copy();
    const { createHash } = await import('node:crypto');
    const other = { ...manifestIn(dir), version: '0.0.9' };
    const sha256 = createHash('sha256').update(JSON.stringify(other)).digest('hex');
    writeFileSync(join(dir, 'keys', last), JSON.stringify({ sha256, manifest: other }));
    const { status, err } = await nil('run', '--resume', dir);
    expect(err).toMatch(/written by version 0\.0\.9 \(format 1\), expected \d/);
    expect(status).toBe(2);
  });

  it('that others work with is theirs', async () => {
    const dir = copy();
    // Of this process's parent, which is there as long as this one.
    writeFileSync(join(dir, 'lock'), `${process.ppid} ${hostname()}\n`);
    const busy = await nil('run', '--resume', dir);
    expect(busy.err).toMatch(
      /found process \d+ on .* at work in it, expected nobody \(if it is gone, delete /,
    );
    expect(busy.status).toBe(2);
    writeFileSync(join(dir, 'lock'), `${process.ppid} elsewhere\n`);
    expect((await nil('run', '--resume', dir)).err).toMatch(/on elsewhere at work in it/);
  });

  it('isn’t written over by a run that begins', async () => {
    const dir = copy();
    const begin = ['run', SMALL, '--checkpoint-every', '50ms', '--checkpoint-dir', dir];
    const { status, err } = await nil(...begin);
    expect(err).toMatch(
      /found a checkpoint of brunel-small at .* of 3 s, expected none: go on with it by --resume/,
    );
    expect(status).toBe(2);
    expectSame(await summaryOf('--resume', dir));
  });
});

describe('a full disk', () => {
  const isRoot = process.getuid?.() === 0 && process.platform === 'linux';
  it.skipIf(!isRoot)('leaves the checkpoint before, and the run goes on', async () => {
    const dir = join(folder, 'tmpfs');
    mkdirSync(dir);
    if (spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=512k', 'tmpfs', dir]).status !== 0) {
      process.stderr.write('no tmpfs can be mounted here: not tested\n');
      return;
    }
    try {
      const store = join(dir, 'store');
      // Records of every step fill it after some checkpoints.
      const graph = join(folder, 'wide.nil.yaml');
      const text = readFileSync(SMALL, 'utf8');
      writeFileSync(graph, text.replace(/every: [^}]+/, 'every: 0.1 ms'));
      const long = [graph, '--duration', '10s'];
      const args = [...long, '--checkpoint-every', '50ms', '--checkpoint-dir', store];
      const child = spawn('node', [entry, 'run', ...args], { stdio: ['ignore', 'ignore', 'pipe'] });
      let err = '';
      child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
        err += chunk;
      });
      const exited = new Promise((resolve) => child.once('exit', resolve));
      while (child.exitCode === null && !err.includes('the disk is full')) {
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
      child.kill('SIGKILL');
      await exited;
      expect(err).toMatch(/^a checkpoint couldn't be made, the run goes on: .*: the disk is full\n/);
      expect(keysIn(store).length).toBeGreaterThan(0);
      const roomy = join(folder, 'roomy');
      cpSync(store, roomy, { recursive: true });
      const resumed = await summaryOf('--resume', roomy);
      const whole = await summaryOf(...long);
      expect(resumed).toMatchObject({ digest: whole.digest, spikeCount: whole.spikeCount });
    } finally {
      execFileSync('umount', [dir]);
    }
  });
});

describe('wrong options are one line and exit status 2', () => {
  const there = (): string => folder;
  const cases: readonly (readonly [string, () => string[], RegExp])[] = [
    ['no folder', () => [SMALL, '--checkpoint-every', '1s'], /found neither --out nor --checkpoint-dir/],
    ['no time', () => [SMALL, '--checkpoint-every', 'soon'], /--checkpoint-every.*soon/],
    ['no positive time', () => [SMALL, '--checkpoint-every', '0s'], /found '0s', expected a time above 0/],
    [
      'less than a step',
      () => [SMALL, '--checkpoint-every', '1us', '--checkpoint-dir', join(folder, 'less')],
      /found 1 us between checkpoints, expected at least a step of 0\.1 ms/,
    ],
    [
      'two kinds of time',
      () => [SMALL, '--checkpoint-every', '1s', '--checkpoint-every-wall', '1s', '--out', there()],
      /found --checkpoint-every-wall beside it, expected one of them/,
    ],
    [
      'a folder for nothing',
      () => [SMALL, '--checkpoint-dir', there()],
      /found no --checkpoint-every beside it/,
    ],
    [
      'a file in place of the folder',
      () => [SMALL, '--checkpoint-every', '1s', '--checkpoint-dir', SMALL],
      /brunel-small\.nil\.yaml: found a file in its place, expected a folder for checkpoints/,
    ],
    ['nothing to go on with', () => [], /missing required argument 'graph' \(or --resume DIR\)/],
    ['a time of nothing', () => [SMALL, '--resume-at', '1s'], /--resume-at: found no --resume beside it/],
    ['a folder that isn’t there', () => ['--resume', '/nowhere'], /--resume \/nowhere: found no checkpoints/],
    ['a folder of something else', () => ['--resume', 'examples'], /--resume examples: found no checkpoints/],
    ['a graph beside', () => [SMALL, '--resume', there()], /found the graph .* beside it, expected none/],
    ['a seed beside', () => ['--resume', there(), '--seed', '3'], /found --seed beside it, expected none/],
    ['a value beside', () => ['--resume', there(), '--set', 'a.b=1'], /found --set beside it/],
    ['a length beside', () => ['--resume', there(), '--duration', '1s'], /found --duration beside it/],
    [
      'another folder beside',
      () => ['--resume', there(), '--checkpoint-dir', there()],
      /found --checkpoint-dir beside it, expected none: it goes on there/,
    ],
  ];
  it.each(cases)('%s', async (_, argv, message) => {
    const { status, out, err } = await nil('run', ...argv());
    expect(err).toMatch(message);
    expect(err).toMatch(/^nil: [^\n]+\n$/);
    expect({ status, out }).toEqual({ status: 2, out: '' });
  });
});
