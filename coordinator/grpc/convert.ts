/** Between the plain data that federates and runs are described by and the messages of `control.proto`. Pure. */
import type { MessageInitShape } from '@bufbuild/protobuf';
import { InputError } from '../../graph/errors.js';
import { graphFromBytes, graphToBytes, type Plan, type Slice, validateGraph } from '../../graph/index.js';
import type { Assignment, EngineSnapshot, FederateReport, RecordChunk } from '../../nodes/index.js';
import type * as pb from '../../proto/gen/nil/v1/control_pb.js';
import type { NatsUser } from '../../stream/nats/index.js';
import { checkPlan } from '../run/check-plan.js';
import {
  adapterReportFromMessage,
  adapterReportToMessage,
  logFromMessage,
  logToMessage,
  paceOf,
} from './adapter-convert.js';
import { columnBytes, float64Column, uint32Column } from './columns.js';
import { exact } from './exact.js';
import { weightsFromMessage, weightsToMessage } from './learned-convert.js';
import { profileFromMessages, profileToMessages } from './profile-convert.js';
import { progressFromMessage, progressToMessage } from './progress-convert.js';
import { recoveryFromMessage } from './recovery-convert.js';
import { snapshotFromMessage, snapshotToMessage } from './snapshot-convert.js';

type Init<M extends Parameters<typeof import('@bufbuild/protobuf').create>[0]> = MessageInitShape<M>;
type Body = NonNullable<Init<typeof pb.FromFederateSchema>['body']>;

export function planToMessage(plan: Plan): Init<typeof pb.RunPlanSchema> {
  return {
    dtNs: BigInt(plan.dtNs),
    durationNs: BigInt(plan.durationNs),
    seed: BigInt(plan.seed),
    startNs: BigInt(plan.startNs ?? 0),
    federates: plan.federates.map(({ name, slices, adapter }) => ({
      name,
      adapter: adapter ?? '',
      slices: slices.map((slice) => ({ ...slice })),
    })),
    channels: plan.channels.map(({ from, to, lookaheadNs, spikes, signals, graded }) => ({
      from,
      to,
      lookaheadNs: BigInt(lookaheadNs),
      spikes: spikes.map((slice) => ({ ...slice })),
      signals: signals.map((slice) => ({ ...slice })),
      graded,
    })),
  };
}

export function planFromMessage(message: pb.RunPlan): Plan {
  return {
    dtNs: exact(message.dtNs, 'dtNs'),
    durationNs: exact(message.durationNs, 'durationNs'),
    seed: exact(message.seed, 'seed'),
    ...(message.startNs === 0n ? {} : { startNs: exact(message.startNs, 'startNs') }),
    federates: message.federates.map(({ name, slices, adapter }, index) => ({
      index,
      name,
      ...(adapter === '' ? {} : { adapter }),
      slices: slices.map(sliceOf),
    })),
    channels: message.channels.map((channel) => ({
      from: channel.from,
      to: channel.to,
      lookaheadNs: exact(channel.lookaheadNs, 'lookaheadNs'),
      spikes: channel.spikes.map(sliceOf),
      signals: channel.signals.map(sliceOf),
      graded: channel.graded,
    })),
  };
}

function sliceOf({ population, begin, end }: pb.NeuronSlice): Slice {
  return { population, begin, end };
}

export interface Transport {
  readonly natsUrl: string;
  /** Authorities (PEM) of the bus's certificate. */
  readonly natsCa?: string;
  /** The federate's own user of the bus; a secret. */
  readonly natsUser?: NatsUser;
  readonly creditNs?: number;
  readonly creditBytes?: number;
}

/** @param snapshots What the federate goes on from. */
export function assignToMessage(
  assignment: Assignment,
  transport: Transport,
  snapshots: readonly EngineSnapshot[] = [],
): Init<typeof pb.AssignSchema> {
  const { checkpoints } = assignment;
  return {
    runId: assignment.runId,
    incarnation: assignment.incarnation,
    graph: graphToBytes(assignment.graph),
    plan: planToMessage(assignment.plan),
    federate: assignment.federate,
    threads: assignment.threads,
    windowSteps: assignment.windowSteps ?? 0,
    reportMs: assignment.reportMs,
    profile: assignment.profile ?? false,
    pace: assignment.pace,
    incarnations: [...(assignment.incarnations ?? [])],
    startNs: BigInt(assignment.startNs ?? 0),
    retain: assignment.retain ?? false,
    keepRecords: assignment.keepRecords ?? false,
    checkpoints: checkpoints === undefined ? undefined : { everyNs: BigInt(checkpoints.everyNs ?? 0) },
    snapshots: snapshots.map((snapshot) => snapshotToMessage(assignment.runId, snapshot)),
    transport: {
      natsUrl: transport.natsUrl,
      natsCa: transport.natsCa ?? '',
      natsUser: transport.natsUser,
      creditNs: BigInt(transport.creditNs ?? 0),
      creditBytes: BigInt(transport.creditBytes ?? 0),
    },
  };
}

/** @throws InputError ASSIGN_INVALID for an assignment without its parts, and what is thrown for those: nothing in it is taken on trust. */
export function assignFromMessage(message: pb.Assign): {
  readonly assignment: Assignment;
  readonly transport: Transport;
  readonly snapshots: readonly EngineSnapshot[] | undefined;
} {
  const { plan, transport, checkpoints, snapshots } = message;
  if (plan === undefined || transport === undefined || message.federate >= plan.federates.length) {
    throw new InputError(
      'ASSIGN_INVALID',
      `run ${message.runId}: an assignment without plan, transport or its federate`,
    );
  }
  const graph = graphFromBytes(message.graph);
  validateGraph(graph, { memoryLimitBytes: Number.POSITIVE_INFINITY });
  const checked = planFromMessage(plan);
  checkPlan(checked, graph);
  return {
    assignment: {
      runId: message.runId,
      incarnation: message.incarnation,
      graph,
      plan: checked,
      federate: message.federate,
      threads: message.threads,
      windowSteps: message.windowSteps || undefined,
      reportMs: message.reportMs,
      ...(message.profile ? { profile: true } : {}),
      ...paceOf(message.pace),
      ...recoveryFromMessage(message, checked),
      ...(checkpoints === undefined
        ? {}
        : { checkpoints: { everyNs: exact(checkpoints.everyNs, 'everyNs') || undefined } }),
    },
    transport: {
      natsUrl: transport.natsUrl,
      ...(transport.natsCa === '' ? {} : { natsCa: transport.natsCa }),
      ...(transport.natsUser === undefined
        ? {}
        : { natsUser: { jwt: transport.natsUser.jwt, seed: transport.natsUser.seed } }),
      creditNs: exact(transport.creditNs, 'creditNs') || undefined,
      creditBytes: exact(transport.creditBytes, 'creditBytes') || undefined,
    },
    snapshots: snapshots.length === 0 ? undefined : snapshots.map(snapshotFromMessage),
  };
}

export function chunkToMessage(runId: string, chunk: RecordChunk): Init<typeof pb.RecordChunkSchema> {
  return {
    runId,
    beginStep: BigInt(chunk.beginStep),
    endStep: BigInt(chunk.endStep),
    counts: columnBytes(chunk.counts),
    neurons: columnBytes(chunk.neurons),
    states: chunk.states.map((state) => ({
      recording: state.recording,
      variable: state.variable,
      begin: state.begin,
      end: state.end,
      firstSample: BigInt(state.firstSample),
      values: columnBytes(state.values),
    })),
    weights: chunk.weights?.map(weightsToMessage) ?? [],
  };
}

export function chunkFromMessage(message: pb.RecordChunk): RecordChunk {
  return {
    beginStep: exact(message.beginStep, 'beginStep'),
    endStep: exact(message.endStep, 'endStep'),
    counts: uint32Column(message.counts),
    neurons: uint32Column(message.neurons),
    states: message.states.map((state) => ({
      recording: state.recording,
      variable: state.variable,
      begin: state.begin,
      end: state.end,
      firstSample: exact(state.firstSample, 'firstSample'),
      values: float64Column(state.values),
    })),
    ...(message.weights.length === 0 ? {} : { weights: message.weights.map(weightsFromMessage) }),
  };
}

export function reportToBody(runId: string, report: FederateReport): Body {
  switch (report.kind) {
    case 'ready':
      return { case: 'ready', value: readyToMessage(runId, report.facts, report.buildMs) };
    case 'progress':
      return { case: 'progress', value: progressToMessage(runId, report.progress) };
    case 'record':
      return { case: 'record', value: chunkToMessage(runId, report.chunk) };
    case 'snapshot':
      return { case: 'snapshot', value: snapshotToMessage(runId, report.snapshot) };
    case 'log':
      return { case: 'eventLog', value: logToMessage(runId, report.log) };
    case 'saveReady': {
      const { request, fromNs } = report;
      return { case: 'checkpointReady', value: { runId, request, fromNs: BigInt(fromNs) } };
    }
    case 'done': {
      const { stopped, peakMemoryBytes } = report;
      const last = progressToMessage(runId, report.last);
      const profile = profileToMessages(report.profile);
      const adapter = adapterReportToMessage(report);
      return {
        case: 'done',
        value: { runId, last, stopped, peakMemoryBytes: BigInt(peakMemoryBytes), profile, adapter },
      };
    }
    case 'failed': {
      const { code, message, exitStatus } = report;
      const last = report.last === undefined ? undefined : progressToMessage(runId, report.last);
      return { case: 'failed', value: { runId, code, message, exitStatus, last } };
    }
  }
}

export function readyToMessage(
  runId: string,
  facts: (FederateReport & { kind: 'ready' })['facts'],
  buildMs: number,
): Init<typeof pb.ReadySchema> {
  return {
    runId,
    neurons: BigInt(facts.neurons),
    synapses: BigInt(facts.synapses),
    synapseBytes: BigInt(facts.synapseBytes),
    totalBytes: BigInt(facts.totalBytes),
    wallBuildMs: buildMs,
  };
}

export function readyFromMessage(ready: pb.Ready): FederateReport & { kind: 'ready' } {
  return {
    kind: 'ready',
    facts: {
      neurons: exact(ready.neurons, 'neurons'),
      synapses: exact(ready.synapses, 'synapses'),
      synapseBytes: exact(ready.synapseBytes, 'synapseBytes'),
      totalBytes: exact(ready.totalBytes, 'totalBytes'),
      synapticEvents: 0,
    },
    buildMs: ready.wallBuildMs,
  };
}

/** A federate's report and the run that it is of; undefined for what isn't a report (hello, pong). */
export function reportFromMessage(
  message: pb.FromFederate,
): { readonly runId: string; readonly report: FederateReport } | undefined {
  const { body } = message;
  switch (body.case) {
    case 'ready':
      return { runId: body.value.runId, report: readyFromMessage(body.value) };
    case 'progress':
      return {
        runId: body.value.runId,
        report: { kind: 'progress', progress: progressFromMessage(body.value) },
      };
    case 'record':
      return { runId: body.value.runId, report: { kind: 'record', chunk: chunkFromMessage(body.value) } };
    case 'snapshot': {
      const snapshot = snapshotFromMessage(body.value);
      return { runId: body.value.runId, report: { kind: 'snapshot', snapshot } };
    }
    case 'eventLog':
      return { runId: body.value.runId, report: { kind: 'log', log: logFromMessage(body.value) } };
    case 'checkpointReady': {
      const { runId, request, fromNs } = body.value;
      return { runId, report: { kind: 'saveReady', request, fromNs: Number(fromNs) } };
    }
    case 'done': {
      const { runId, stopped, peakMemoryBytes, last } = body.value;
      const profile = profileFromMessages(body.value.profile);
      if (last === undefined)
        throw new InputError('REPORT_INVALID', `run ${runId}: done without its last report`);
      return {
        runId,
        report: {
          kind: 'done',
          stopped,
          peakMemoryBytes: exact(peakMemoryBytes, 'peakMemoryBytes'),
          last: progressFromMessage(last),
          ...(profile === undefined ? {} : { profile }),
          ...adapterReportFromMessage(body.value.adapter),
        },
      };
    }
    case 'failed': {
      const { runId, code, message: text, exitStatus, last } = body.value;
      return {
        runId,
        report: {
          kind: 'failed',
          code,
          message: text,
          exitStatus: exitStatus === 2 ? 2 : 1,
          last: last === undefined ? undefined : progressFromMessage(last),
        },
      };
    }
    default:
      return undefined;
  }
}
