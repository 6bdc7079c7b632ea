/** A run's metrics, from what the coordinator knows of it anyway. */
import type { ChannelProgress } from '../../nodes/index.js';
import type { FederateModel, RunModel } from '../run/model.js';
import type { RunRecord } from '../run/result.js';
import type { Exposition } from './exposition.js';
import { WAIT_CAUSES, type WaitTallies } from './waits.js';

/** More of them aren't exported one by one: a hundred federates that all talk to each other have ten thousand. */
export const MOST_CHANNELS = 1024;

export interface RunFacts {
  readonly record: Pick<RunRecord, 'plan' | 'status' | 'checkpoints'> & Pick<RunModel, 'federates'>;
  readonly waits: WaitTallies;
  readonly recordedBytes: number;
  /** Simulated seconds for each second of the wall, where it keeps pace. */
  readonly speed?: number;
  /** Wall milliseconds since the newest checkpoint; undefined for a run that makes none. */
  readonly checkpointAgeMs?: number;
}

export function addRun(out: Exposition, facts: RunFacts): void {
  const { record, recordedBytes } = facts;
  const { status } = record;
  const run = status.runId;
  out
    .add('nil_run_info', { run, graph: status.graphName, state: status.state }, 1)
    .add('nil_run_simulated_seconds', { run }, status.clockNs / 1e9)
    .add('nil_run_duration_seconds', { run }, status.durationNs / 1e9)
    .add('nil_run_spikes_total', { run }, status.spikes)
    .add('nil_run_recorded_bytes', { run }, recordedBytes)
    .add('nil_run_recoveries_total', { run }, status.recoveries.length)
    .add('nil_run_stalled', { run }, status.stall.length > 0 ? 1 : 0);
  addTimes(out, facts);
  addCheckpoints(out, facts);
  for (const federate of record.federates) addFederate(out, facts, federate);
  addChannels(out, facts);
}

function addTimes(out: Exposition, { record, speed }: RunFacts): void {
  const { runId: run, wallMs, buildMs, simulateMs, clockNs, startNs, recoveries } = record.status;
  const phases = { queue: wallMs - buildMs - simulateMs, build: buildMs, simulate: simulateMs };
  for (const [phase, ms] of Object.entries(phases)) {
    out.add('nil_run_wall_seconds', { run, phase }, Math.max(0, ms) / 1e3);
  }
  const simulatedMs = (clockNs - startNs) / 1e6;
  if (simulateMs > 0) {
    out.add('nil_run_real_time_factor', { run }, simulatedMs > 0 ? simulateMs / simulatedMs : undefined);
    if (speed !== undefined) {
      out.add('nil_run_pace_lag_seconds', { run }, (simulateMs - simulatedMs / speed) / 1e3);
    }
  }
  for (const phase of ['detect', 'restore', 'catch_up'] as const) {
    const key = ({ detect: 'detectMs', restore: 'restoreMs', catch_up: 'catchUpMs' } as const)[phase];
    const ms = recoveries.reduce((sum, recovery) => sum + recovery[key], 0);
    out.add('nil_run_recovery_seconds_total', { run, phase }, ms / 1e3);
  }
}

function addCheckpoints(out: Exposition, { record, checkpointAgeMs }: RunFacts): void {
  const { checkpoints, status } = record;
  if (checkpoints === undefined) return;
  const { runId: run } = status;
  const { written, failed, bytes, newestNs } = checkpoints;
  out
    .add('nil_run_checkpoints_total', { run }, written)
    .add('nil_run_checkpoint_failures_total', { run }, failed)
    .add('nil_run_checkpoint_bytes_total', { run }, bytes)
    .add('nil_run_checkpoint_simulated_seconds', { run }, newestNs === 0 ? undefined : newestNs / 1e9)
    .add(
      'nil_run_checkpoint_age_seconds',
      { run },
      checkpointAgeMs === undefined ? undefined : checkpointAgeMs / 1e3,
    );
}

function addFederate(out: Exposition, { record, waits }: RunFacts, own: FederateModel): void {
  const { status } = record;
  const labels = { run: status.runId, federate: own.name };
  const { last, timing, adapter } = own;
  out
    .add('nil_federate_info', { ...labels, worker: own.worker, state: own.state }, 1)
    .add('nil_federate_incarnation', labels, own.incarnation)
    .add('nil_federate_silent_seconds', labels, (status.federates[own.index]?.silentMs ?? 0) / 1e3)
    .add('nil_federate_memory_bytes', labels, own.facts?.totalBytes)
    .add('nil_federate_peak_memory_bytes', labels, own.peakMemoryBytes || undefined)
    .add('nil_federate_missed_deadlines_total', labels, timing?.missedDeadlines)
    .add('nil_federate_late_events_total', { ...labels, direction: 'in' }, adapter?.lateIn)
    .add('nil_federate_late_events_total', { ...labels, direction: 'out' }, adapter?.lateOut);
  if (last === undefined) return;
  out
    .add('nil_federate_clock_seconds', labels, last.clockNs / 1e9)
    .add('nil_federate_horizon_seconds', labels, last.horizonNs / 1e9)
    .add('nil_federate_spikes_total', labels, last.spikes)
    .add('nil_federate_synaptic_events_total', labels, last.synapticEvents)
    .add('nil_federate_simulate_seconds_total', labels, last.simulateMs / 1e3);
  const tally = waits.of(own.index);
  for (const reason of WAIT_CAUSES) {
    out.add('nil_federate_wait_seconds_total', { ...labels, reason }, tally[reason] / 1e3);
  }
  if (own.state !== 'running') return;
  for (const { federate, reason } of last.waits) {
    const on = record.plan.federates[federate].name;
    out.add('nil_federate_waiting', { ...labels, on, reason }, 1);
  }
}

function addChannels(out: Exposition, { record }: RunFacts): void {
  const { plan, status, federates } = record;
  const { runId: run } = status;
  out.add('nil_channels_omitted', { run }, Math.max(0, plan.channels.length - MOST_CHANNELS));
  const ends = (kind: 'ins' | 'outs') =>
    new Map(federates.flatMap(({ last }) => (last?.[kind] ?? []).map((end) => [keyOf(end), end])));
  const ins = ends('ins');
  const outs = ends('outs');
  for (const channel of plan.channels.slice(0, MOST_CHANNELS)) {
    const { from, to, lookaheadNs } = channel;
    const labels = { run, from: plan.federates[from].name, to: plan.federates[to].name };
    out.add('nil_channel_lookahead_seconds', labels, lookaheadNs / 1e9);
    const received = ins.get(keyOf(channel));
    const clockNs = federates[to]?.last?.clockNs;
    if (received !== undefined && clockNs !== undefined) {
      out
        .add('nil_channel_horizon_lag_seconds', labels, (clockNs - received.promiseNs) / 1e9)
        .add('nil_channel_queued_batches', labels, received.queued)
        .add('nil_channel_repaired_total', labels, received.repaired)
        .add('nil_channel_rejected_total', labels, received.rejected)
        .add('nil_channel_duplicates_total', labels, received.duplicates)
        .add('nil_channel_fenced_total', labels, received.fenced);
    }
    const sent = outs.get(keyOf(channel));
    out
      .add('nil_channel_batches_total', labels, sent?.batches)
      .add('nil_channel_bytes_total', labels, sent?.bytes)
      .add('nil_channel_events_total', labels, sent?.events)
      .add('nil_channel_retained_bytes', labels, sent?.retainedBytes)
      .add('nil_channel_spilled_bytes', labels, sent?.spilledBytes);
  }
}

const keyOf = ({ from, to }: Pick<ChannelProgress, 'from' | 'to'>): string => `${from} ${to}`;

/** Partitions of it that have no worker. */
export function pendingPartitions({ status, federates }: RunFacts['record']): number {
  if (status.state === 'pending') return status.workers;
  return federates.filter((federate) => federate.state === 'waiting').length;
}
