/** Whether anything grew. Pure. */
import type { ProcessSample, Sample } from './soak-samples.js';

/** One process from its start to its end, between which a fault may lie. */
export interface Life {
  readonly role: string;
  readonly pid: number;
  readonly minutes: number;
  readonly residentMb: Growth;
  readonly handles: Growth;
  readonly threads: Growth;
}

export interface Growth {
  /** Means of the first and the last fifth, after the warm-up. */
  readonly start: number;
  readonly end: number;
  /** Least squares. */
  readonly perMinute: number;
}

export interface Judged {
  readonly lives: readonly Life[];
  readonly problems: readonly string[];
}

/** Heaps and pools fill before they are steady. */
const WARM_UP_MS = 120_000;
/** Shorter lives say nothing about growth. */
const LEAST_MINUTES = 4;
/** Growth that isn't noise: of memory, more than so much and so large a part; of handles and threads, so many. */
const MOST_MB = 40;
const MOST_PART = 0.25;
const MOST_HANDLES = 10;

export function judge(samples: readonly Sample[]): Judged {
  const lives = livesOf(samples);
  const problems = lives.flatMap(({ role, pid, minutes, residentMb, handles, threads }) => {
    if (minutes < LEAST_MINUTES) return [];
    const who = `${role} (${pid}) in ${minutes.toFixed(1)} minutes`;
    const grown = residentMb.end - residentMb.start;
    return [
      ...(grown > MOST_MB && grown > residentMb.start * MOST_PART && residentMb.perMinute > 0
        ? [`${who}: memory grew from ${residentMb.start.toFixed(0)} to ${residentMb.end.toFixed(0)} MB`]
        : []),
      ...(handles.end - handles.start > MOST_HANDLES ? [`${who}: handles grew from ${said(handles)}`] : []),
      ...(threads.end - threads.start > MOST_HANDLES ? [`${who}: threads grew from ${said(threads)}`] : []),
    ];
  });
  const last = samples.at(-1);
  if (last === undefined) return { lives, problems: ['there are no samples'] };
  return { lives, problems: [...problems, ...leftOf(last)] };
}

/** After everything is over: the coordinator's own connection to its two buckets, and no run. */
function leftOf({ connections, streams, messages, storedRuns, temporaryFiles }: Sample): string[] {
  // A server that doesn't answer says nothing about what is left on it.
  const unknown = Math.min(connections, streams, messages, storedRuns) < 0;
  return [
    ...(unknown ? ['NATS or its store does not answer when all runs are over'] : []),
    // The other is the soak's own, which looks into the buckets.
    ...(connections > 2 ? [`NATS has ${connections} connections when all runs are over, expected 2`] : []),
    ...(streams > 2 ? [`NATS has ${streams} streams, expected 2`] : []),
    ...(messages > 0 ? [`NATS keeps ${messages} messages when all runs are over, expected none`] : []),
    ...(storedRuns > 0 ? [`the store has ${storedRuns} runs when all are over, expected none`] : []),
    ...(temporaryFiles > 20 ? [`there are ${temporaryFiles} temporary files`] : []),
  ];
}

const said = ({ start, end }: Growth): string => `${start.toFixed(1)} to ${end.toFixed(1)}`;

function livesOf(samples: readonly Sample[]): Life[] {
  const byPid = new Map<string, { readonly atMs: number; readonly process: ProcessSample }[]>();
  for (const { atMs, processes } of samples) {
    for (const process of processes) {
      const key = `${process.role} ${process.pid}`;
      byPid.set(key, [...(byPid.get(key) ?? []), { atMs, process }]);
    }
  }
  return [...byPid.values()].map((all) => {
    const [{ atMs: begin, process: first }] = all;
    const warm = all.filter(({ atMs }) => atMs - begin >= WARM_UP_MS);
    const of = (value: (process: ProcessSample) => number): Growth =>
      growthOf(warm.map(({ atMs, process }) => [atMs / 60_000, value(process)] as const));
    const minutes = warm.length === 0 ? 0 : ((warm.at(-1)?.atMs ?? 0) - warm[0].atMs) / 60_000;
    return {
      role: first.role,
      pid: first.pid,
      minutes,
      residentMb: of(({ residentMb }) => residentMb),
      handles: of(({ handles }) => handles),
      threads: of(({ threads }) => threads),
    };
  });
}

export function growthOf(points: readonly (readonly [minute: number, value: number])[]): Growth {
  if (points.length === 0) return { start: 0, end: 0, perMinute: 0 };
  const mean = (values: readonly number[]): number =>
    values.reduce((sum, value) => sum + value, 0) / values.length;
  const fifth = Math.max(1, Math.floor(points.length / 5));
  const [x, y] = [mean(points.map(([minute]) => minute)), mean(points.map(([, value]) => value))];
  const variance = points.reduce((sum, [minute]) => sum + (minute - x) ** 2, 0);
  const covariance = points.reduce((sum, [minute, value]) => sum + (minute - x) * (value - y), 0);
  return {
    start: mean(points.slice(0, fifth).map(([, value]) => value)),
    end: mean(points.slice(-fifth).map(([, value]) => value)),
    perMinute: variance === 0 ? 0 : covariance / variance,
  };
}

interface Told {
  readonly runs: number;
  readonly faults: ReadonlyMap<string, number>;
  readonly samples: readonly Sample[];
}

export function soakReport(
  { runs, faults, samples }: Told,
  { lives }: Judged,
  problems: readonly string[],
  { minutes, everyMs, seed }: { readonly minutes: number; readonly everyMs: number; readonly seed: number },
): string {
  const told = lives.filter((life) => life.minutes >= 1).map(lifeRow);
  const [first, last] = [samples.find(({ connections }) => connections >= 0), samples.at(-1)];
  const counts = [
    'connections',
    'subscriptions',
    'streams',
    'consumers',
    'messages',
    'storedRuns',
    'temporaryFiles',
  ] as const;
  return [
    '# Soak',
    '',
    `${runs} runs in ${minutes} minutes, a fault every ${everyMs / 1000} s, seed ${seed}: ${[...faults].map(([name, count]) => `${count} × ${name}`).join(', ')}.`,
    '',
    'Processes that lived for longer than a minute, after the first two of each: means of the first and the last fifth, and the slope.',
    '',
    '| process | minutes | memory, start (MB) | end | per minute | handles, start | end | threads, start | end |',
    '| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |',
    ...told,
    '',
    '| on NATS and on the disk | start | most | end |',
    '| --- | ---: | ---: | ---: |',
    ...counts.map(
      (name) =>
        `| ${name} | ${first?.[name] ?? '–'} | ${samples.reduce((most, sample) => Math.max(most, sample[name]), 0)} | ${last?.[name] ?? '–'} |`,
    ),
    '',
    ...(problems.length === 0
      ? ['Nothing grew, nothing was left.']
      : problems.map((problem) => `- ${problem}`)),
    '',
  ].join('\n');
}

function lifeRow({ role, minutes, residentMb, handles, threads }: Life): string {
  const cells = [
    role,
    minutes.toFixed(1),
    residentMb.start.toFixed(1),
    residentMb.end.toFixed(1),
    residentMb.perMinute.toFixed(2),
    ...[handles.start, handles.end, threads.start, threads.end].map((value) => value.toFixed(1)),
  ];
  return `| ${cells.join(' | ')} |`;
}
