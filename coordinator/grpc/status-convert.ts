/** Between a run's status and its message. Pure. */
import type { MessageInitShape } from '@bufbuild/protobuf';
import * as pb from '../../proto/gen/nil/v1/control_pb.js';
import type { FederateState, RunState } from '../run/model.js';
import type { FederateStatus, RunStatus } from '../run/status.js';
import { exact } from './exact.js';
import { progressFromMessage, progressToMessage } from './progress-convert.js';

const RUN_STATES: ReadonlyMap<RunState, pb.RunState> = new Map([
  ['pending', pb.RunState.PENDING],
  ['assigned', pb.RunState.ASSIGNED],
  ['ready', pb.RunState.READY],
  ['running', pb.RunState.RUNNING],
  ['stopping', pb.RunState.STOPPING],
  ['done', pb.RunState.DONE],
  ['failed', pb.RunState.FAILED],
  ['stopped', pb.RunState.STOPPED],
]);

const FEDERATE_STATES: ReadonlyMap<FederateState, pb.FederateState> = new Map([
  ['building', pb.FederateState.BUILDING],
  ['ready', pb.FederateState.READY],
  ['running', pb.FederateState.RUNNING],
  ['done', pb.FederateState.DONE],
  ['failed', pb.FederateState.FAILED],
  ['lost', pb.FederateState.LOST],
  ['waiting', pb.FederateState.WAITING],
  ['restoring', pb.FederateState.RESTORING],
]);

function keyOf<K, V>(map: ReadonlyMap<K, V>, value: V, otherwise: K): K {
  for (const [key, entry] of map) if (entry === value) return key;
  return otherwise;
}

export function statusToMessage(status: RunStatus): MessageInitShape<typeof pb.RunStatusSchema> {
  return {
    runId: status.runId,
    graphName: status.graphName,
    state: RUN_STATES.get(status.state),
    detail: status.detail,
    errorCode: status.errorCode,
    errorExitStatus: status.errorExitStatus,
    startNs: BigInt(status.startNs),
    clockNs: BigInt(status.clockNs),
    durationNs: BigInt(status.durationNs),
    spikes: BigInt(status.spikes),
    wallMs: status.wallMs,
    wallBuildMs: status.buildMs,
    wallSimulateMs: status.simulateMs,
    workers: status.workers,
    federates: status.federates.map((federate) => ({
      index: federate.index,
      name: federate.name,
      worker: federate.worker,
      state: FEDERATE_STATES.get(federate.state),
      silentMs: federate.silentMs,
      incarnation: federate.incarnation,
      last: federate.last === undefined ? undefined : progressToMessage(status.runId, federate.last),
    })),
    culprits: [...status.culprits],
    recoveries: status.recoveries.map(({ atNs, fromNs, detectMs, restoreMs, catchUpMs, ...recovery }) => ({
      ...recovery,
      atNs: BigInt(atNs),
      fromNs: BigInt(fromNs),
      wallDetectMs: detectMs,
      wallRestoreMs: restoreMs,
      wallCatchUpMs: catchUpMs,
    })),
    stall: [...status.stall],
  };
}

export function statusFromMessage(message: pb.RunStatus): RunStatus {
  return {
    runId: message.runId,
    graphName: message.graphName,
    state: keyOf(RUN_STATES, message.state, 'pending'),
    detail: message.detail,
    errorCode: message.errorCode,
    errorExitStatus: message.errorExitStatus === 2 ? 2 : message.errorExitStatus === 1 ? 1 : 0,
    startNs: exact(message.startNs, 'startNs'),
    clockNs: exact(message.clockNs, 'clockNs'),
    durationNs: exact(message.durationNs, 'durationNs'),
    spikes: exact(message.spikes, 'spikes'),
    wallMs: message.wallMs,
    buildMs: message.wallBuildMs,
    simulateMs: message.wallSimulateMs,
    workers: message.workers,
    federates: message.federates.map(federateFromMessage),
    culprits: message.culprits,
    recoveries: message.recoveries.map((recovery) => ({
      federate: recovery.federate,
      atNs: exact(recovery.atNs, 'atNs'),
      fromNs: exact(recovery.fromNs, 'fromNs'),
      reason: recovery.reason,
      worker: recovery.worker,
      detectMs: recovery.wallDetectMs,
      restoreMs: recovery.wallRestoreMs,
      catchUpMs: recovery.wallCatchUpMs,
    })),
    stall: message.stall,
  };
}

function federateFromMessage(message: pb.FederateStatus): FederateStatus {
  return {
    index: message.index,
    name: message.name,
    worker: message.worker,
    state: keyOf(FEDERATE_STATES, message.state, 'building'),
    silentMs: message.silentMs,
    incarnation: message.incarnation,
    last: message.last === undefined ? undefined : progressFromMessage(message.last),
  };
}
