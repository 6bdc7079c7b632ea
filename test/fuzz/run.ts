/**
 * `npm run fuzz -- --time 60 [--target NAME,…] [--seed N]`: changed cases for every reader of bytes from outside, for so many seconds.
 * Ends with status 1 when one of them did what it mustn't. See README.md.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { parseArgs } from 'node:util';
import { makeCase } from './case.js';
import { ROOT } from './corpus.js';
import type { Target } from './target.js';
import { TARGET_NAMES, targetOf } from './targets/index.js';
import { Watched } from './watchdog.js';

const { values } = parseArgs({
  options: {
    time: { type: 'string', default: '60' },
    target: { type: 'string' },
    seed: { type: 'string', default: '1' },
    begin: { type: 'string', default: '0' },
    case: { type: 'string' },
    file: { type: 'string' },
    list: { type: 'boolean', default: false },
  },
});
const FAILURES = join(ROOT, 'test/fuzz/failures');
const SLICE_MS = 500;
const MOST_FAILURES = 10;

interface Tally {
  readonly target: Target;
  readonly watched: Watched;
  next: number;
  cases: number;
  decoded: number;
  seconds: number;
  /** Different ones, by their first line and place. */
  readonly failures: Map<string, string>;
}

const seed = whole('seed', values.seed);
const names = values.target === undefined ? TARGET_NAMES : values.target.split(',');
const targets = await Promise.all((values.list ? [] : names).map(targetOf));

if (values.list) for (const name of TARGET_NAMES) console.log(name);
else if (values.file !== undefined || values.case !== undefined) await runOne(targets[0]);
else await runAll(whole('time', values.time));

function whole(name: string, text: string): number {
  if (/^\d{1,10}$/.test(text)) return Number(text);
  console.error(`--${name} ${text}: expected a whole number`);
  process.exit(2);
}

async function runAll(seconds: number): Promise<void> {
  const begin = whole('begin', values.begin);
  const tallies = targets.map((target): Tally => {
    const counts = { next: begin, cases: 0, decoded: 0, seconds: 0 };
    return {
      target,
      watched: new Watched(target, { target: target.name, seed }),
      ...counts,
      failures: new Map(),
    };
  });
  const until = performance.now() + seconds * 1000;
  const shares = tallies.reduce((sum, { target }) => sum + (target.share ?? 1), 0);
  const total = seconds * 1000;
  while (performance.now() < until) {
    for (const tally of tallies) {
      const left = until - performance.now();
      if (left <= 0 || tally.failures.size >= MOST_FAILURES) continue;
      // Each has its share of the time in slices, so that a run that is ended early has tried all.
      const ms = Math.min(
        left,
        Math.max(50, Math.min(SLICE_MS * 4, (total / 4) * ((tally.target.share ?? 1) / shares))),
      );
      await advance(tally, ms);
    }
    if (tallies.every(({ failures }) => failures.size >= MOST_FAILURES)) break;
  }
  for (const { watched } of tallies) await watched.close();
  tell(tallies);
  process.exit(tallies.some(({ failures }) => failures.size > 0) ? 1 : 0);
}

async function advance(tally: Tally, ms: number): Promise<void> {
  const result = await tally.watched.slice(tally.next, 2 ** 31 - 1, ms);
  tally.cases += result.next - tally.next;
  tally.next = result.next;
  tally.decoded += result.decoded;
  tally.seconds += result.seconds;
  for (const { number, wrong } of result.failures) await keep(tally, number, wrong);
}

/** One file for each kind of failure, and how to see it again. */
async function keep({ target, failures }: Tally, number: number, wrong: string): Promise<void> {
  const kind = kindOf(wrong);
  if (failures.has(kind)) return;
  const bytes = makeCase(target, await target.corpus(), seed, number);
  mkdirSync(FAILURES, { recursive: true });
  const path = join(FAILURES, `${target.name}-${seed}-${number}`);
  writeFileSync(path, bytes);
  failures.set(kind, wrong);
  const again = `npm run fuzz -- --target ${target.name} --file ${relative(process.cwd(), path)}`;
  console.log(`\n${target.name}: case ${number} of seed ${seed}: ${wrong}\n  again: ${again}`);
}

/** What distinguishes failures: the first words, and the place in the code where there is one. */
function kindOf(wrong: string): string {
  const [what, ...stack] = wrong.replace(/\d+/g, 'N').split('\n');
  const frames = stack.filter((line) => /^\s+at /.test(line)).slice(0, 2);
  return [what.slice(0, frames.length > 0 ? 24 : 48), ...frames].join('\n');
}

async function runOne(target: Target): Promise<void> {
  const corpus = await target.corpus();
  const bytes =
    values.file === undefined
      ? makeCase(target, corpus, seed, whole('case', values.case ?? ''))
      : new Uint8Array(readFileSync(values.file));
  const watched = new Watched(target, { target: target.name, seed, only: bytes });
  const { decoded, failures, seconds } = await watched.slice(0, 1, 60_000);
  await watched.close();
  const wrong = failures[0]?.wrong;
  console.log(
    `${target.name}: ${bytes.length} bytes, ${wrong ?? (decoded === 1 ? 'decoded' : 'refused as it should')} (${seconds.toFixed(2)} s)`,
  );
  process.exit(wrong === undefined ? 0 : 1);
}

function tell(tallies: readonly Tally[]): void {
  const rows = tallies.map(({ target, cases, decoded, seconds, failures }) => [
    target.name,
    cases.toLocaleString('en'),
    Math.round(cases / Math.max(seconds, 1e-3)).toLocaleString('en'),
    `${((100 * decoded) / Math.max(1, cases)).toFixed(1)} %`,
    String(failures.size),
  ]);
  const cases = tallies.reduce((sum, tally) => sum + tally.cases, 0);
  const failures = tallies.reduce((sum, tally) => sum + tally.failures.size, 0);
  const table = [
    ['target', 'cases', 'cases/s', 'decoded', 'failures'],
    ...rows,
    ['all', cases.toLocaleString('en'), '', '', String(failures)],
  ];
  const widths = table[0].map((_, column) => Math.max(...table.map((row) => row[column].length)));
  for (const row of table) {
    console.log(
      row
        .map((cell, column) => (column === 0 ? cell.padEnd(widths[0]) : cell.padStart(widths[column])))
        .join('  '),
    );
  }
}
