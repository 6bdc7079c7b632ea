/** What came of many scenarios, for people (Markdown) and programs (JSON). */
import type { Kind, Outcome } from './scenario.js';

export interface Row {
  readonly kind: string;
  readonly count: number;
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  /** Over those that passed and recovered, wall ms. */
  readonly recoveryMs?: { readonly median: number; readonly max: number };
}

export function rowsOf(kinds: readonly Kind[], outcomes: readonly Outcome[]): Row[] {
  return kinds.flatMap(({ name }) => {
    const own = outcomes.filter(({ kind }) => kind === name);
    if (own.length === 0) return [];
    const count = (state: Outcome['state']): number =>
      own.filter((outcome) => outcome.state === state).length;
    const times = own
      .flatMap(({ state, recoveryMs }) => (state === 'passed' ? (recoveryMs ?? []) : []))
      .sort((a, b) => a - b);
    return {
      kind: name,
      count: own.length,
      passed: count('passed'),
      failed: count('failed'),
      skipped: count('skipped'),
      ...(times.length === 0 ? {} : { recoveryMs: { median: median(times), max: times[times.length - 1] } }),
    };
  });
}

function median(sorted: readonly number[]): number {
  const middle = sorted.length / 2;
  return (sorted[Math.ceil(middle) - 1] + sorted[Math.floor(middle)]) / 2;
}

const seconds = (ms: number | undefined): string => (ms === undefined ? '–' : (ms / 1000).toFixed(2));

export function tableOf(rows: readonly Row[]): string {
  const cells = [
    ['fault', 'count', 'passed', 'failed', 'skipped', 'recovery, median (s)', 'recovery, max (s)'],
    ...rows.map(({ kind, count, passed, failed, skipped, recoveryMs }) => [
      kind,
      ...[count, passed, failed, skipped].map(String),
      seconds(recoveryMs?.median),
      seconds(recoveryMs?.max),
    ]),
  ];
  const widths = cells[0].map((_, column) => Math.max(...cells.map((row) => row[column].length)));
  const line = (row: readonly string[]): string =>
    `| ${row.map((cell, i) => (i === 0 ? cell.padEnd(widths[i]) : cell.padStart(widths[i]))).join(' | ')} |`;
  const rule = `| ${widths.map((width, i) => (i === 0 ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`)).join(' | ')} |`;
  return [line(cells[0]), rule, ...cells.slice(1).map(line)].join('\n');
}

export function reportOf(
  seed: number,
  kinds: readonly Kind[],
  outcomes: readonly Outcome[],
  seconds: number,
): string {
  const rows = rowsOf(kinds, outcomes);
  const bad = outcomes.filter(({ state }) => state !== 'passed');
  return [
    '# Faults',
    '',
    `${outcomes.length} scenarios of seed ${seed} in ${Math.round(seconds)} s. Recovery: wall time from the fault (or from its end, where the run stands still as`,
    "long as it lasts) until the run's slowest clock is beyond where it had been; clocks are reported four times a second.",
    '',
    tableOf(rows),
    '',
    ...rows.map(({ kind }) => `- \`${kind}\`: ${kinds.find(({ name }) => name === kind)?.about ?? ''}`),
    '',
    ...bad.map(
      ({ number, kind, state, text, problems }) =>
        `- ${state}: ${number} ${kind} (${text}): ${problems.join('; ')}`,
    ),
    '',
  ].join('\n');
}
