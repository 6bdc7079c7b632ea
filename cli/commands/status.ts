import type { Command } from 'commander';
import {
  type ClusterStatus,
  type FederateStatus,
  isOver,
  type RunStatus,
  waitLines,
} from '../../coordinator/index.js';
import { formatBytes, formatCount, formatSeconds } from '../../coordinator/results/index.js';
import { formatTimeNs } from '../../graph/index.js';
import { withClient } from '../client.js';
import { hasColor, type Io } from '../io.js';
import { type ClientOptions, coordinatorOption, jsonOption, type OutputOptions } from '../options.js';
import { type TextColumn, textTable } from '../text.js';

const EXAMPLES = `
A run's id may be cut to its first characters.

Examples:
  nil status
  nil status 3f2a
`;

export function addStatus(program: Command, io: Io): void {
  program
    .command('status')
    .summary('how runs stand, and who waits for whom')
    .description(
      'Tells how runs stand: clocks of their federates, who waits for whom, who keeps the others waiting.',
    )
    .argument('[run]', 'one run (default: all)')
    .addOption(coordinatorOption())
    .addOption(jsonOption())
    .addHelpText('after', EXAMPLES)
    .action((run: string | undefined, options: ClientOptions & OutputOptions) => status(io, run, options));
}

async function status(
  io: Io,
  run: string | undefined,
  options: ClientOptions & OutputOptions,
): Promise<void> {
  const found = await withClient(io, options, (client) => client.status(run));
  if (options.json === true) io.out.write(`${JSON.stringify(found)}\n`);
  else io.out.write(clusterText(found, run !== undefined, hasColor(io.out, io.env)));
}

export function clusterText(cluster: ClusterStatus, details: boolean, bold: boolean): string {
  const { runs, workersJoined, workersFree } = cluster;
  const workers = `${workersJoined} ${workersJoined === 1 ? 'worker' : 'workers'} joined, ${workersFree} free\n`;
  if (runs.length === 0) return `${workers}no runs\n`;
  const open = runs.filter((run) => details || !isOver(run));
  const blocks = open.filter(({ federates }) => federates.length > 0).map((run) => `\n${runText(run, bold)}`);
  return `${workers}\n${textTable(runs, RUN_COLUMNS, bold)}${blocks.join('')}`;
}

/** Its federates and the wait-for graph. */
export function runText(run: RunStatus, bold: boolean): string {
  const culprits = run.culprits.map((index) => run.federates[index]?.name ?? `${index}`);
  const waits = waitLines(run).map((line) => `${line}\n`);
  const blamed =
    culprits.length === 0 || waits.length === 0 ? '' : `the others wait for: ${culprits.join(', ')}\n`;
  const federates = run.federates.length === 0 ? '' : textTable(run.federates, FEDERATE_COLUMNS, bold);
  const recoveries = run.recoveries.map(recoveryLine);
  const stall = run.stall.map((line) => `${line}\n`);
  return `run ${run.runId}: ${run.state}${run.detail === '' ? '' : `: ${run.detail}`}\n${federates}${waits.join('')}${blamed}${recoveries.join('')}${stall.join('')}`;
}

function recoveryLine({
  federate,
  atNs,
  fromNs,
  reason,
  worker,
  ...times
}: RunStatus['recoveries'][number]): string {
  const took = times.detectMs + times.restoreMs + times.catchUpMs;
  const where = worker === '' ? 'waits for a worker' : `went on from ${formatTimeNs(fromNs)} on ${worker}`;
  const done = times.catchUpMs > 0 ? ` in ${formatSeconds(took / 1000)}` : '';
  return `recovered: ${federate} was lost at ${formatTimeNs(atNs)} (${reason}), ${where}${done}\n`;
}

const RUN_COLUMNS: readonly TextColumn<RunStatus>[] = [
  { title: 'run', text: ({ runId }) => runId.slice(0, 8) },
  { title: 'graph', text: ({ graphName }) => graphName },
  { title: 'state', text: ({ state }) => state },
  { title: 'at', number: true, text: ({ clockNs }) => formatTimeNs(clockNs) },
  { title: 'of', number: true, text: ({ durationNs }) => formatTimeNs(durationNs) },
  { title: 'workers', number: true, text: ({ workers }) => String(workers) },
  { title: 'spikes', number: true, text: ({ spikes }) => formatCount(spikes) },
  { title: 'wall', number: true, text: ({ wallMs }) => formatSeconds(wallMs / 1000) },
  { title: 'detail', text: ({ detail }) => detail },
];

const FEDERATE_COLUMNS: readonly TextColumn<FederateStatus>[] = [
  { title: 'federate', text: ({ name }) => name },
  { title: 'worker', text: ({ worker }) => worker },
  { title: 'state', text: ({ state }) => state },
  { title: 'clock', number: true, text: ({ last }) => formatTimeNs(last?.clockNs ?? 0) },
  { title: 'horizon', number: true, text: ({ last }) => formatTimeNs(last?.horizonNs ?? 0) },
  { title: 'silent', number: true, text: ({ silentMs }) => formatSeconds(silentMs / 1000) },
  // Of what it sent, for federates that begin again; with what is on disk.
  {
    title: 'retained',
    number: true,
    text: ({ last }) =>
      formatBytes((last?.outs ?? []).reduce((sum, c) => sum + c.retainedBytes + c.spilledBytes, 0)),
  },
];
