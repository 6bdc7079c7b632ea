/**
 * Compares the microcircuit's activity with NEST's: rates, irregularity and correlation of each population over several seeds, at any scale,
 * and its rates with the published ones.
 *
 *     node dist/bench/statistics/microcircuit.js [--scale 0.1] [--seconds 10] [--seeds 1,2,3] [--threads 2] [--nest PYTHON] [--nest-seeds 1,2,3]
 *         [--nest-threads 2]
 *
 * Writes bench/results/microcircuit-statistics-SCALE.json and prints a table. `--nest` is a Python with NEST (test/peers/nest/requirements.txt);
 * without it only this runtime runs.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { runEmbedded, VERSION } from '../../coordinator/index.js';
import { formatNumber } from '../../coordinator/results/index.js';
import { RunError } from '../../graph/index.js';
import { machine, table } from '../bench.js';
import { FULL_SCALE_RATES_HZ, microcircuit } from '../networks/microcircuit.js';
import { benchFile } from '../source.js';
import { type Activity, activityOf, deviation, mean, type Spikes, type Window } from './activity.js';

interface Settings {
  readonly scale: number;
  readonly seconds: number;
  readonly seeds: readonly number[];
  readonly threads: number;
  readonly nest: string | undefined;
  readonly nestSeeds: readonly number[];
  /** NEST's threads spin while they wait: on a busy machine one is faster than two. */
  readonly nestThreads: number;
}

/** By population, in the network's order. */
type Run = readonly Activity[];

const DT_MS = 0.1;
/** What the start leaves behind doesn't count. */
const SETTLE_MS = 500;
const FIGURES = ['rateHz', 'rateStdHz', 'cv', 'correlation'] as const;

async function ours({ scale, seconds, threads }: Settings, seed: number): Promise<Run> {
  const graph = microcircuit(scale);
  const run = { dtNs: DT_MS * 1e6, durationNs: seconds * 1e9 + SETTLE_MS * 1e6, seed };
  const { outcome, spikes } = await runEmbedded(graph, run, { threads });
  if (outcome.failure !== undefined) throw new RunError(outcome.failure.code, outcome.failure.message);
  return spikes.map(({ steps, neurons }, p) =>
    activityOf({ size: graph.populations[p].size, steps, neurons }, windowOf(seconds)),
  );
}

function nests({ scale, seconds, nestThreads, nest }: Settings, seed: number): Run {
  const folder = mkdtempSync(join(tmpdir(), 'nil-statistics-'));
  try {
    const out = join(folder, 'spikes');
    const script = fileURLToPath(benchFile(import.meta.url, 'nest_microcircuit.py'));
    const what = ['--scale', `${scale}`, '--threads', `${nestThreads}`, '--seed', `${seed}`];
    const duration = ['--duration', `${1000 * seconds + SETTLE_MS}`];
    const { status, stderr, error } = spawnSync(nest as string, [script, out, ...what, ...duration], {
      encoding: 'utf8',
    });
    if (status !== 0) throw new Error(`NEST ended with ${status}: ${error?.message ?? stderr.trim()}`);
    return divided(out, scale).map((spikes) => activityOf(spikes, windowOf(seconds)));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Spikes of the file that nest_microcircuit.py writes, by population. */
function divided(path: string, scale: number): Spikes[] {
  const bytes = readFileSync(path);
  const words = new Uint32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4);
  const count = words[0];
  const steps = words.subarray(1, 1 + count);
  const senders = words.subarray(1 + count, 1 + 2 * count);
  let begin = 0;
  return microcircuit(scale).populations.map(({ size }) => {
    const end = begin + size;
    const mine = senders.map((_, i) => i).filter((i) => senders[i] >= begin && senders[i] < end);
    const spikes = { size, steps: mine.map((i) => steps[i]), neurons: mine.map((i) => senders[i] - begin) };
    begin = end;
    return spikes;
  });
}

function windowOf(seconds: number): Window {
  const first = Math.round(SETTLE_MS / DT_MS);
  return { dtMs: DT_MS, first, end: first + Math.round((seconds * 1000) / DT_MS) };
}

function spread(runs: readonly Run[], population: number, figure: (typeof FIGURES)[number]) {
  const values = runs.map((run) => run[population][figure]);
  return { mean: mean(values), std: values.length > 1 ? deviation(values) : undefined, values };
}

function reportOf(
  settings: Settings,
  our: readonly Run[],
  nest: readonly Run[],
  nestVersion: string | undefined,
) {
  return {
    scale: settings.scale,
    seconds: settings.seconds,
    settleMs: SETTLE_MS,
    seeds: settings.seeds,
    nestSeeds: nest.length === 0 ? [] : settings.nestSeeds,
    versions: {
      'nil-runtime': VERSION,
      node: process.version,
      ...(nestVersion === undefined ? {} : { nest: nestVersion }),
    },
    machine: machine(),
    populations: microcircuit(settings.scale).populations.map(({ name, size }, p) => ({
      name,
      size,
      publishedRateHz: FULL_SCALE_RATES_HZ[p],
      ours: Object.fromEntries(FIGURES.map((figure) => [figure, spread(our, p, figure)])),
      ...(nest.length === 0
        ? {}
        : { nest: Object.fromEntries(FIGURES.map((figure) => [figure, spread(nest, p, figure)])) }),
    })),
  };
}

function textOf(settings: Settings, our: readonly Run[], nest: readonly Run[]): string {
  const cell = (runs: readonly Run[], p: number, figure: (typeof FIGURES)[number]): string => {
    if (runs.length === 0) return '';
    const { mean: middle, std } = spread(runs, p, figure);
    return std === undefined ? formatNumber(middle) : `${formatNumber(middle)} ± ${std.toPrecision(1)}`;
  };
  const heads = (['rateHz', 'cv', 'correlation'] as const).flatMap((figure) => [`${figure} ours`, 'NEST']);
  return table(
    ['population', 'published Hz', ...heads],
    microcircuit(settings.scale).populations.map(({ name }, p) => [
      name,
      `${FULL_SCALE_RATES_HZ[p]}`,
      ...(['rateHz', 'cv', 'correlation'] as const).flatMap((figure) => [
        cell(our, p, figure),
        cell(nest, p, figure),
      ]),
    ]),
  );
}

function settingsOf(): Settings {
  const { values } = parseArgs({
    options: {
      scale: { type: 'string', default: '0.1' },
      seconds: { type: 'string', default: '10' },
      seeds: { type: 'string', default: '1,2,3' },
      threads: { type: 'string', default: '2' },
      nest: { type: 'string' },
      'nest-seeds': { type: 'string' },
      'nest-threads': { type: 'string' },
    },
  });
  const seeds = values.seeds.split(',').map(Number);
  return {
    scale: Number(values.scale),
    seconds: Number(values.seconds),
    seeds,
    threads: Number(values.threads),
    nest: values.nest,
    nestThreads: Number(values['nest-threads'] ?? values.threads),
    nestSeeds: values['nest-seeds']?.split(',').map(Number) ?? seeds,
  };
}

async function main(): Promise<void> {
  const settings = settingsOf();
  const our: Run[] = [];
  for (const seed of settings.seeds) {
    our.push(await ours(settings, seed));
    process.stderr.write(`ours, seed ${seed}: done\n`);
  }
  const nest: Run[] = [];
  for (const seed of settings.nest === undefined ? [] : settings.nestSeeds) {
    nest.push(nests(settings, seed));
    process.stderr.write(`NEST, seed ${seed}: done\n`);
  }
  const report = reportOf(settings, our, nest, nest.length === 0 ? undefined : nestVersion(settings));
  const path = benchFile(import.meta.url, `../results/microcircuit-statistics-${settings.scale}.json`);
  writeFileSync(path, `${JSON.stringify(report, null, 1)}\n`);
  process.stdout.write(textOf(settings, our, nest));
}

function nestVersion({ nest }: Settings): string {
  const { stdout } = spawnSync(nest as string, ['-c', 'import nest; print("version", nest.__version__)'], {
    encoding: 'utf8',
  });
  return /version (\S+)/.exec(stdout)?.[1] ?? 'unknown';
}

await main();
