import type { MessageInitShape } from '@bufbuild/protobuf';
import type { ChannelProgress, Progress, WaitFor } from '../../nodes/index.js';
import * as pb from '../../proto/gen/nil/v1/control_pb.js';
import { exact } from './exact.js';

type Init<M extends Parameters<typeof import('@bufbuild/protobuf').create>[0]> = MessageInitShape<M>;

const REASONS = [
  ['horizon', pb.WaitReason.HORIZON],
  ['credit', pb.WaitReason.CREDIT],
  ['drain', pb.WaitReason.DRAIN],
] as const;

function waitToMessage(wait: WaitFor): Init<typeof pb.WaitingSchema> {
  return {
    reason: REASONS.find(([name]) => name === wait.reason)?.[1],
    federate: wait.federate,
    untilNs: BigInt(wait.untilNs),
    needsNs: BigInt(wait.needsNs),
  };
}

function waitFromMessage(wait: pb.Waiting): WaitFor {
  return {
    reason: REASONS.find(([, number]) => number === wait.reason)?.[0] ?? 'horizon',
    federate: wait.federate,
    untilNs: exact(wait.untilNs, 'untilNs'),
    needsNs: exact(wait.needsNs, 'needsNs'),
  };
}

function channelToMessage(channel: ChannelProgress): Init<typeof pb.ChannelProgressSchema> {
  return {
    from: channel.from,
    to: channel.to,
    promiseNs: BigInt(channel.promiseNs),
    queued: channel.queued,
    batches: BigInt(channel.batches),
    bytes: BigInt(channel.bytes),
    events: BigInt(channel.events),
    repaired: BigInt(channel.repaired),
    rejected: BigInt(channel.rejected),
    duplicates: BigInt(channel.duplicates),
    fenced: BigInt(channel.fenced),
    retainedBytes: BigInt(channel.retainedBytes),
    spilledBytes: BigInt(channel.spilledBytes),
    lastHeardMs: channel.lastHeardMs,
  };
}

function channelFromMessage(channel: pb.ChannelProgress): ChannelProgress {
  return {
    from: channel.from,
    to: channel.to,
    promiseNs: exact(channel.promiseNs, 'promiseNs'),
    queued: channel.queued,
    batches: exact(channel.batches, 'batches'),
    bytes: exact(channel.bytes, 'bytes'),
    events: exact(channel.events, 'events'),
    repaired: exact(channel.repaired, 'repaired'),
    rejected: exact(channel.rejected, 'rejected'),
    duplicates: exact(channel.duplicates, 'duplicates'),
    fenced: exact(channel.fenced, 'fenced'),
    retainedBytes: exact(channel.retainedBytes, 'retainedBytes'),
    spilledBytes: exact(channel.spilledBytes, 'spilledBytes'),
    lastHeardMs: channel.lastHeardMs,
  };
}

export function progressToMessage(runId: string, progress: Progress): Init<typeof pb.ProgressSchema> {
  return {
    runId,
    clockNs: BigInt(progress.clockNs),
    horizonNs: BigInt(progress.horizonNs),
    waits: progress.waits.map(waitToMessage),
    ins: progress.ins.map(channelToMessage),
    outs: progress.outs.map(channelToMessage),
    spikes: BigInt(progress.spikes),
    synapticEvents: BigInt(progress.synapticEvents),
    wallSimulateMs: progress.simulateMs,
    wallWaitMs: progress.waitMs,
  };
}

export function progressFromMessage(message: pb.Progress): Progress {
  return {
    clockNs: exact(message.clockNs, 'clockNs'),
    horizonNs: exact(message.horizonNs, 'horizonNs'),
    waits: message.waits.map(waitFromMessage),
    ins: message.ins.map(channelFromMessage),
    outs: message.outs.map(channelFromMessage),
    spikes: exact(message.spikes, 'spikes'),
    synapticEvents: exact(message.synapticEvents, 'synapticEvents'),
    simulateMs: message.wallSimulateMs,
    waitMs: message.wallWaitMs,
  };
}
