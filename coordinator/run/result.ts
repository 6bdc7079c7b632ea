/** From what is known of a run that is over to its result. Pure; the same on the coordinator and at a client that fetched the record. */
import type { Lowered } from '../../adapters/index.js';
import type { Graph, Plan } from '../../graph/index.js';
import {
  type AdapterFacts,
  type EmissionLog,
  type EngineFacts,
  neuronCount,
  type RecordChunk,
  type ThreadProfile,
  type TimingReport,
} from '../../nodes/index.js';
import type { CheckpointFacts, Recorded } from '../checkpoint/index.js';
import {
  type ChannelResult,
  type FederateResult,
  mergeSpikes,
  mergeStates,
  mergeWeights,
  type Outcome,
  type RunResult,
  type Transport,
} from '../results/index.js';
import type { RunStatus } from './status.js';

/** What a federate said of itself, beside its reports in the status. */
export interface FederateFacts {
  /** Absent when it was never built. */
  readonly facts?: EngineFacts;
  readonly buildMs: number;
  readonly peakMemoryBytes: number;
  /** Of each of its threads, where the run was profiled. */
  readonly profile?: readonly ThreadProfile[];
  readonly timing?: TimingReport;
  readonly adapter?: AdapterFacts;
}

export interface RunRecord {
  readonly graph: Graph;
  readonly plan: Plan;
  readonly threads: number;
  readonly transport: Transport;
  readonly status: RunStatus;
  /** By number; empty when the run was never placed. */
  readonly federates: readonly FederateFacts[];
  /** By federate, in order of time. */
  readonly chunks: readonly (readonly RecordChunk[])[];
  /** What adapters emitted, by federate, in order of time. */
  readonly logs?: readonly (readonly EmissionLog[])[];
  readonly lowered?: readonly Lowered[];
  /** What was recorded before the checkpoint that the run went on from. */
  readonly before?: readonly Recorded[];
  readonly checkpoints?: CheckpointFacts;
}

export function resultOf(record: RunRecord): RunResult {
  const { graph, plan, threads, transport, status, checkpoints } = record;
  const { all, chunks } = recordedOf(record);
  const { dtNs, durationNs, seed } = plan;
  const federates = plan.federates.map((_, index) => federateResult(record, index));
  return {
    runId: status.runId,
    graph,
    settings: { dtNs, durationNs, seed },
    plan,
    transport,
    threads,
    outcome: outcomeOf(status),
    spikes: mergeSpikes(graph, all, chunks),
    states: mergeStates(graph, all, chunks),
    ...(graph.recordings.some(({ kind }) => kind === 'weights')
      ? { weights: mergeWeights(graph, chunks) }
      : {}),
    federates,
    channels: plan.channels.map((channel) => channelResult(status, channel)),
    wallMs: { build: status.buildMs, simulate: status.simulateMs, total: status.wallMs },
    peakMemoryBytes: peakMemory(federates, transport),
    ...(plan.startNs === undefined ? {} : { resumedFromNs: plan.startNs }),
    ...(checkpoints === undefined ? {} : { checkpoints }),
    ...(status.recoveries.length === 0 ? {} : { recoveries: status.recoveries }),
    ...(plan.federates.some(({ adapter }) => adapter !== undefined) ? { logs: record.logs ?? [] } : {}),
    ...(record.lowered === undefined || record.lowered.length === 0 ? {} : { lowered: record.lowered }),
  };
}

/** Who recorded before a checkpoint and who did after it, as federates of one plan: each has its own steps. */
function recordedOf({ plan, chunks, before = [] }: RunRecord): {
  readonly all: Plan;
  readonly chunks: readonly (readonly RecordChunk[])[];
} {
  const federates = before.map(({ slices }, index) => ({ index, name: '', slices }));
  return {
    all: { ...plan, federates: [...federates, ...plan.federates] },
    chunks: [...before.map((own) => own.chunks), ...chunks],
  };
}

function outcomeOf(status: RunStatus): Outcome {
  const { state, clockNs: reachedNs, errorCode: code, detail: message, errorExitStatus } = status;
  if (state === 'done') return { state, reachedNs };
  if (state === 'stopped') return { state, reachedNs, stopReason: message };
  return {
    state: 'failed',
    reachedNs,
    failure: { code, message, exitStatus: errorExitStatus === 2 ? 2 : 1 },
  };
}

function federateResult({ plan, status, federates }: RunRecord, index: number): FederateResult {
  const { name, slices, adapter: adapterName } = plan.federates[index];
  const { facts, buildMs = 0, peakMemoryBytes = 0, profile, timing, adapter } = federates[index] ?? {};
  const { last, worker = '' } = status.federates[index] ?? {};
  return {
    index,
    name,
    worker,
    clockNs: last?.clockNs ?? 0,
    neurons: neuronCount(slices),
    synapses: facts?.synapses ?? 0,
    synapseBytes: facts?.synapseBytes ?? 0,
    totalBytes: facts?.totalBytes ?? 0,
    synapticEvents: last?.synapticEvents ?? 0,
    buildMs,
    simulateMs: (last?.simulateMs ?? 0) + (last?.waitMs ?? 0),
    waitMs: last?.waitMs ?? 0,
    peakMemoryBytes,
    ...(profile === undefined ? {} : { profile }),
    ...(adapterName === undefined ? {} : { adapterName }),
    ...(timing === undefined ? {} : { timing }),
    ...(adapter === undefined ? {} : { adapter }),
  };
}

/** The sender counts what it sent, the receiver what had to be mended. */
function channelResult(status: RunStatus, channel: Plan['channels'][number]): ChannelResult {
  const { from, to, lookaheadNs } = channel;
  const sent = status.federates[from]?.last?.outs.find((out) => out.to === to);
  const received = status.federates[to]?.last?.ins.find((entry) => entry.from === from);
  return {
    from,
    to,
    lookaheadNs,
    batches: sent?.batches ?? 0,
    bytes: sent?.bytes ?? 0,
    events: sent?.events ?? 0,
    repaired: received?.repaired ?? 0,
    rejected: received?.rejected ?? 0,
  };
}

/** Threads of one process all tell that process's peak. */
function peakMemory(federates: readonly FederateResult[], transport: Transport): number {
  const peaks = federates.map(({ peakMemoryBytes }) => peakMemoryBytes);
  return transport === 'embedded' ? Math.max(0, ...peaks) : peaks.reduce((sum, peak) => sum + peak, 0);
}
