/**
 * What this machine can do at most: builds `limits.c` with the C compiler that is there, runs it, and runs our delivery with the same access
 * patterns beside it.
 *
 *     node dist/bench/limits/run.js [--synapses N] [--accumulators N] [--seconds S]
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { benchFile } from '../source.js';
import { type DeliveryMeasured, measureDelivery } from './delivery.js';

export interface DeliveryLimit {
  readonly what: 'deliver';
  /** Width of a target and what a weight is: `u16 const`, `u16 f32`, `u32 f32`. */
  readonly pattern: string;
  readonly accumulator: 'float64' | 'float32';
  /** Synapses of a source's row. */
  readonly row: number;
  readonly prefetch: boolean;
  readonly threads: number;
  /** Of each thread. */
  readonly synapses: number;
  readonly accumulators: number;
  /** Of all threads together. */
  readonly eventsPerSecond: number;
  readonly bytesPerSecond: number;
}

export interface TriadLimit {
  readonly what: 'triad';
  readonly threads: number;
  readonly bytesPerSecond: number;
}

export interface Limits {
  readonly name: 'limits';
  readonly cpu: string;
  readonly compiler: string;
  readonly flags: readonly string[];
  readonly deliver: readonly DeliveryLimit[];
  readonly triad: readonly TriadLimit[];
}

export interface LimitSettings {
  /** Of each thread; defaults to Brunel's 12,500 neurons on two threads. */
  readonly synapses?: number;
  readonly accumulators?: number;
  /** Of one measurement; the best pass in it counts. */
  readonly seconds?: number;
}

const FLAGS = ['-O3', '-march=native'];
const SYNAPSES = 8_000_000;
const ACCUMULATORS = 6250;
const SECONDS = 0.3;

/** Undefined where there is no C compiler. @throws Error when it doesn't compile or run. */
export function measureLimits(settings: LimitSettings = {}): Limits | undefined {
  const compiler = findCompiler();
  if (compiler === undefined) return undefined;
  const folder = mkdtempSync(join(tmpdir(), 'nil-limits-'));
  try {
    const program = join(folder, 'limits');
    const source = fileURLToPath(benchFile(import.meta.url, 'limits.c'));
    must(compiler.command, [...FLAGS, '-o', program, source, '-lpthread']);
    const { synapses = SYNAPSES, accumulators = ACCUMULATORS, seconds = SECONDS } = settings;
    const lines = must(program, [synapses, accumulators, seconds].map(String)).trim().split('\n');
    const measured = lines.map((line) => JSON.parse(line) as DeliveryLimit | TriadLimit);
    return {
      name: 'limits',
      cpu: cpus()[0]?.model ?? 'unknown',
      compiler: compiler.version,
      flags: FLAGS,
      deliver: measured.filter((m): m is DeliveryLimit => m.what === 'deliver'),
      triad: measured.filter((m): m is TriadLimit => m.what === 'triad'),
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function findCompiler(): { command: string; version: string } | undefined {
  for (const command of ['cc', 'gcc', 'clang']) {
    const { status, stdout } = spawnSync(command, ['--version'], { encoding: 'utf8' });
    if (status === 0) return { command, version: stdout.split('\n')[0] };
  }
  return undefined;
}

function must(command: string, args: readonly string[]): string {
  const { status, stdout, stderr, error } = spawnSync(command, args, {
    encoding: 'utf8',
    maxBuffer: 1 << 26,
  });
  if (status !== 0) throw new Error(`${command} failed: ${error?.message ?? stderr.trim()}`);
  return stdout;
}

/** Ours beside the faster of the C program's loops with and without prefetching, both on one thread. */
export interface DeliveryShare extends DeliveryMeasured {
  readonly limitEventsPerSecond: number;
  readonly share: number;
}

/** Each pattern that both have. */
async function compareDelivery(limits: Limits, settings: LimitSettings): Promise<readonly DeliveryShare[]> {
  const { synapses = SYNAPSES, accumulators = ACCUMULATORS, seconds = SECONDS } = settings;
  const shares: DeliveryShare[] = [];
  for (const pattern of ['u16 const', 'u16 f32'] as const) {
    for (const row of ROWS) {
      const ours = await measureDelivery(pattern, row, { synapses, accumulators, seconds });
      const same = limits.deliver.filter(
        (each) =>
          each.pattern === pattern &&
          each.row === row &&
          each.accumulator === 'float64' &&
          each.threads === 1,
      );
      const limitEventsPerSecond = Math.max(...same.map(({ eventsPerSecond }) => eventsPerSecond));
      shares.push({ ...ours, limitEventsPerSecond, share: ours.eventsPerSecond / limitEventsPerSecond });
    }
  }
  return shares;
}

/** As in the C program. */
const ROWS = [60, 500, 2000];

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: { synapses: { type: 'string' }, accumulators: { type: 'string' }, seconds: { type: 'string' } },
  });
  const number = (text: string | undefined): number | undefined =>
    text === undefined ? undefined : Number(text);
  const settings: LimitSettings = {
    synapses: number(values.synapses),
    accumulators: number(values.accumulators),
    seconds: number(values.seconds),
  };
  const limits = measureLimits(settings);
  const report =
    limits === undefined
      ? { name: 'limits', skipped: 'no C compiler (cc, gcc or clang) on the PATH' }
      : { ...limits, ours: await compareDelivery(limits, settings) };
  process.stdout.write(`${JSON.stringify(report)}\n`);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await main();
