/** What a benchmark is, and what benchmarks share. */
import { availableParallelism, cpus } from 'node:os';
import { formatNumber } from '../coordinator/results/index.js';

/** What the command line asks for; each benchmark says which of it is its own. */
export interface BenchSettings {
  readonly scale?: number;
  readonly durationNs?: number;
  readonly workers?: number;
  readonly threads?: number;
  readonly transport?: 'embedded' | 'nats';
  readonly natsUrl?: string;
  readonly seed?: number;
  /** Runs, of which the fastest counts: what else the machine does only makes a run slower. */
  readonly repeats?: number;
  /** Numbers of federates. */
  readonly federates?: readonly number[];
  /** PHOLD's: events at each federate, share of events for others, kind of delays. */
  readonly population?: number;
  readonly remote?: number;
  readonly delays?: 'exponential' | 'uniform';
}

export type BenchOption = keyof BenchSettings;

export interface BenchReport {
  /** `summary.json`'s fields where the benchmark is a run, and the benchmark's own. */
  readonly json: Readonly<Record<string, unknown>>;
  /** For people. */
  readonly text: string;
}

export interface Bench {
  readonly name: string;
  readonly summary: string;
  readonly options: readonly BenchOption[];
  /** @param note Takes a line about what is under way. */
  readonly run: (settings: BenchSettings, note: (line: string) => void) => Promise<BenchReport>;
}

/** Threads without `--threads`: one for each core. */
export function allCores(): number {
  return availableParallelism();
}

/** What figures are of. */
export function machine(): { readonly cpu: string; readonly cores: number; readonly node: string } {
  return { cpu: cpus()[0]?.model ?? 'unknown', cores: availableParallelism(), node: process.version };
}

/** The least of some measurements, and all of them. */
export async function fastest<T>(
  repeats: number,
  measure: (repeat: number) => Promise<T>,
  secondsOf: (measured: T) => number,
): Promise<{ readonly best: T; readonly all: readonly T[] }> {
  const all: T[] = [];
  for (let repeat = 0; repeat < Math.max(1, repeats); repeat++) all.push(await measure(repeat));
  const best = all.reduce((least, each) => (secondsOf(each) < secondsOf(least) ? each : least));
  return { best, all };
}

/** Aligned columns, the first one to the left. */
export function table(head: readonly string[], rows: readonly (readonly (string | number)[])[]): string {
  const cells = [
    head,
    ...rows.map((row) => row.map((cell) => (typeof cell === 'number' ? formatNumber(cell) : cell))),
  ];
  const widths = head.map((_, c) => Math.max(...cells.map((row) => row[c].length)));
  return cells
    .map((row) =>
      row.map((cell, c) => (c === 0 ? cell.padEnd(widths[c]) : cell.padStart(widths[c]))).join('  '),
    )
    .map((line) => `${line.trimEnd()}\n`)
    .join('');
}
