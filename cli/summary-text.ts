/** The table at the end of a run. Pure. */
import {
  formatBytes,
  formatCount,
  formatNumber,
  formatRate,
  formatSeconds,
  type PopulationSummary,
  type Summary,
} from '../coordinator/results/index.js';
import { formatTimeNs } from '../graph/index.js';
import { PHASES } from '../nodes/index.js';
import { emphasize, type TextColumn, textFacts, textTable } from './text.js';

/** Populations listed one by one; a graph may have thousands. */
const MOST_POPULATIONS = 40;
const MOST_RECOVERIES = 8;

/** @param files Where results were written, if they were. */
export function summaryText(summary: Summary, files: { readonly report?: string }, bold: boolean): string {
  const { populations, wallSeconds, channels } = summary;
  const title = `${summary.graph}: ${summary.state}, ${timeOf(summary)} of biological time`;
  const listed = populations.slice(0, MOST_POPULATIONS);
  const more = populations.length - listed.length;
  const table =
    populations.length === 0
      ? ''
      : `${textTable(listed, COLUMNS, bold)}${more > 0 ? `… and ${more} more\n` : ''}\n`;
  const bytes = channels.reduce((sum, channel) => sum + channel.bytes, 0);
  const batches = channels.reduce((sum, channel) => sum + channel.batches, 0);
  const perSecond = wallSeconds.simulate === 0 ? 0 : summary.synapticEvents / wallSeconds.simulate;
  // Of a run that went on from a checkpoint, the wall time is of a part only.
  const rate = summary.resumedFromNs === undefined ? ` (${formatNumber(perSecond)}/s)` : '';
  const facts: (readonly [string, string])[] = [
    ['neurons', formatCount(summary.neurons)],
    ['synapses', formatCount(summary.synapses)],
    ['spikes', formatCount(summary.spikeCount)],
    ['synaptic events', `${formatCount(summary.synapticEvents)}${rate}`],
    ['placed on', placeText(summary)],
    [
      'wall time',
      `${formatSeconds(wallSeconds.build)} to build, ${formatSeconds(wallSeconds.simulate)} to simulate, ${formatSeconds(wallSeconds.total)} in all`,
    ],
    ['real-time factor', formatNumber(summary.realTimeFactor)],
    ['peak memory', formatBytes(summary.peakMemoryBytes)],
    ...(channels.length === 0
      ? []
      : [
          [
            'exchanged',
            `${formatBytes(bytes)} in ${formatCount(batches)} batches over ${channels.length} channels`,
          ] as const,
        ]),
    ...(summary.resumedFromNs === undefined
      ? []
      : [['went on from', formatTimeNs(summary.resumedFromNs)] as const]),
    ...checkpointFacts(summary),
    ...recoveryFacts(summary),
    ...adapterFacts(summary),
    ['seed', String(summary.seed)],
    ['digest', summary.digest],
    ...(files.report === undefined ? [] : [['report', files.report] as const]),
  ];
  return `${bold ? emphasize(title) : title}\n\n${table}${textFacts(facts)}${profileText(summary, bold)}`;
}

function checkpointFacts({ checkpoints }: Summary): (readonly [string, string])[] {
  if (checkpoints === undefined) return [];
  const { written, failed, stateBytes, wallSeconds } = checkpoints;
  const size = written === 0 ? '' : `, ${formatBytes(stateBytes)} each and what was recorded`;
  const cost = written === 0 ? '' : `, ${formatSeconds(wallSeconds)} to write beside the run`;
  return [['checkpoints', `${written} written${failed === 0 ? '' : `, ${failed} failed`}${size}${cost}`]];
}

/** A line for each adapter, for each federate's pace, and for what was lowered. */
function adapterFacts({ federates, lowered = [] }: Summary): (readonly [string, string])[] {
  const ms = (us: number): string => `${formatNumber(us / 1000)} ms`;
  return [
    ...federates.flatMap(({ name, adapter }) => {
      if (adapter === undefined) return [];
      const { kind, eventsIn, eventsOut, lateIn, lateOut, dropped } = adapter;
      const late =
        lateIn + lateOut === 0 ? '' : `, late ${formatCount(lateIn)} in and ${formatCount(lateOut)} out`;
      const lost = dropped === 0 ? '' : `, ${formatCount(dropped)} of them dropped`;
      const text = `${name} (${kind}): ${formatCount(eventsIn)} events in, ${formatCount(eventsOut)} out${late}${lost}`;
      return [['adapter', text] as const];
    }),
    ...federates.flatMap(({ name, timing }) => {
      if (timing === undefined) return [];
      const { missedDeadlines, steps, latenessUs } = timing;
      const text = `${name}: ${formatCount(missedDeadlines)} of ${formatCount(steps)} deadlines missed, late by ${ms(latenessUs.p50)} (median), ${ms(latenessUs.p99)} (99 %), ${ms(latenessUs.max)} (most)`;
      return [['wall clock', text] as const];
    }),
    ...lowered.map(({ place, what }) => ['lowered', `${place}: ${what}`] as const),
  ];
}

/** A line for each federate that was lost; a run of many losses tells the last ones. */
function recoveryFacts({ recoveries = [] }: Summary): (readonly [string, string])[] {
  const listed = recoveries.slice(-MOST_RECOVERIES);
  const more = recoveries.length - listed.length;
  const earlier: (readonly [string, string])[] = more > 0 ? [['recovered', `${more} times before`]] : [];
  return [
    ...earlier,
    ...listed.map(({ federate, atNs, fromNs, worker, reason, detectMs, restoreMs, catchUpMs }) => {
      const seconds = formatSeconds((restoreMs + catchUpMs + detectMs) / 1000);
      const where = `lost at ${formatTimeNs(atNs)} (${reason})`;
      return [
        'recovered',
        `${federate} ${where}, went on from ${formatTimeNs(fromNs)} on ${worker} in ${seconds}`,
      ] as const;
    }),
  ];
}

/** Where time went, one line for each thread; empty when nobody asked. */
function profileText({ federates }: Summary, bold: boolean): string {
  const rows = federates.flatMap(({ name, profile = [] }) =>
    profile.map((seconds, thread) => ({ name: profile.length === 1 ? name : `${name}.${thread}`, seconds })),
  );
  if (rows.length === 0) return '';
  const columns: TextColumn<(typeof rows)[number]>[] = [
    { title: 'seconds', text: ({ name }) => name },
    ...[...PHASES, 'other' as const].map((phase) => ({
      title: phase,
      number: true,
      text: ({ seconds }: (typeof rows)[number]) => seconds[phase].toFixed(3),
    })),
  ];
  return `\n${textTable(rows, columns, bold)}`;
}

function timeOf({ reachedNs, durationNs }: Summary): string {
  return reachedNs === durationNs
    ? formatTimeNs(durationNs)
    : `${formatTimeNs(reachedNs)} of ${formatTimeNs(durationNs)}`;
}

function placeText({ workers, threads, transport }: Summary): string {
  const each = threads === 1 ? '' : ` of ${threads} threads`;
  return `${workers} ${workers === 1 ? 'worker' : 'workers'}${each}, ${transport}`;
}

const COLUMNS: readonly TextColumn<PopulationSummary>[] = [
  { title: 'population', text: ({ name }) => name },
  { title: 'model', text: ({ model }) => model },
  { title: 'neurons', number: true, text: ({ size }) => formatCount(size) },
  { title: 'spikes', number: true, text: ({ spikeCount }) => formatCount(spikeCount) },
  { title: 'rate (Hz)', number: true, text: ({ rateHz }) => formatRate(rateHz) },
];
