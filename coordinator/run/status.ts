/** A run's state for people and programs, made from the model. Pure. */
import type { Progress } from '../../nodes/index.js';
import type { RecoverySummary } from '../results/types.js';
import { type FederateState, isOver, type RunModel, type RunState, runClockNs } from './model.js';
import { isBeingRestored } from './recovery.js';
import { diagnose, stallLines } from './stall.js';
import { said } from './waits.js';

export interface FederateStatus {
  readonly index: number;
  readonly name: string;
  readonly worker: string;
  readonly state: FederateState;
  /** How often it was started. */
  readonly incarnation: number;
  /** Milliseconds since anything came from it. */
  readonly silentMs: number;
  /** The last report: clock, horizon, whom it waits for, its channels. */
  readonly last?: Progress;
}

export interface RunStatus {
  readonly runId: string;
  readonly graphName: string;
  readonly state: RunState;
  /** One line: what it waits for, why it failed, who is to blame. */
  readonly detail: string;
  /** Stable code of what it failed of; empty otherwise. */
  readonly errorCode: string;
  readonly errorExitStatus: 0 | 1 | 2;
  /** Where the run began: above 0 when it went on from a checkpoint. */
  readonly startNs: number;
  /** The slowest federate's clock. */
  readonly clockNs: number;
  readonly durationNs: number;
  /** Recorded so far. */
  readonly spikes: number;
  readonly wallMs: number;
  /** From the placement on workers to the start, and since the start; 0 before it. */
  readonly buildMs: number;
  readonly simulateMs: number;
  readonly workers: number;
  readonly federates: readonly FederateStatus[];
  /** Federates that keep the others waiting. */
  readonly culprits: readonly number[];
  /** In the order of their loss. */
  readonly recoveries: readonly RecoverySummary[];
  /** Lines: why nothing moves, once it hasn't for a while. */
  readonly stall: readonly string[];
}

/** No word from the slowest federate for so long is worth a line. */
const STILL_MS = 2000;

export function statusOf(model: RunModel, nowMs: number): RunStatus {
  const endMs = model.endedMs ?? nowMs;
  return {
    runId: model.runId,
    graphName: model.graphName,
    state: model.state,
    detail: detailOf(model, nowMs),
    errorCode: model.failure?.code ?? '',
    errorExitStatus: model.failure?.exitStatus ?? 0,
    startNs: model.plan.startNs ?? 0,
    clockNs: runClockNs(model),
    durationNs: model.plan.durationNs,
    spikes: model.federates.reduce(
      (sum, { last, from }) => sum + (last?.spikes ?? 0) + (from?.spikes ?? 0),
      model.spikesBefore ?? 0,
    ),
    wallMs: endMs - model.submittedMs,
    buildMs: model.assignedMs === undefined ? 0 : (model.startedMs ?? endMs) - model.assignedMs,
    simulateMs: model.startedMs === undefined ? 0 : endMs - model.startedMs,
    workers: model.plan.federates.length,
    federates: model.federates.map((federate) => ({
      index: federate.index,
      name: federate.name,
      worker: federate.worker,
      state: federate.state,
      incarnation: federate.incarnation,
      silentMs: isOver(model) ? 0 : Math.max(0, nowMs - federate.heardMs),
      last: federate.last,
    })),
    culprits: isOver(model) ? [] : diagnose(model, nowMs).culprits,
    recoveries: model.recoveries.map(({ federate, lostMs, ...recovery }) => ({
      ...recovery,
      federate: model.plan.federates[federate].name,
    })),
    stall: isOver(model) ? [] : stallOf(model, nowMs),
  };
}

/** As it is now, once it has been noticed. */
function stallOf(model: RunModel, nowMs: number): readonly string[] {
  return model.stall.length === 0 ? [] : stallLines(model, nowMs);
}

function detailOf(model: RunModel, nowMs: number): string {
  switch (model.state) {
    case 'pending':
      return model.pendingFor === '' ? '' : `waits for ${model.pendingFor}`;
    case 'assigned': {
      const building = model.federates.filter(({ state }) => state === 'building').map(({ name }) => name);
      return `waits for ${building.join(', ')} to build`;
    }
    case 'running':
    case 'ready': {
      const again = model.federates.filter(isBeingRestored).map(({ name }) => name);
      if (again.length > 0) return `builds ${again.join(', ')} again`;
      return nowMs - model.movedMs > STILL_MS ? diagnose(model, nowMs).text : '';
    }
    case 'stopping':
    case 'failed':
    case 'stopped':
      return model.failure?.message ?? model.stopReason ?? '';
    case 'done':
      return '';
  }
}

/** The wait-for graph, one line an edge: `f0 at 12 ms waits for f1's promise (has 11 ms, needs 11.5 ms)`. */
export function waitLines(status: RunStatus): string[] {
  return status.federates.flatMap((federate) =>
    (federate.last?.waits ?? []).map(
      (wait) =>
        `${federate.name} at ${(federate.last?.clockNs ?? 0) / 1e6} ms waits for ${status.federates[wait.federate].name}'s ${said(wait)}`,
    ),
  );
}
