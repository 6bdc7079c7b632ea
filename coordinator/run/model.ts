/**
 * A run as the coordinator sees it: plain data that the lifecycle (`lifecycle.ts`) turns over and status is made from.
 */
import type { Plan } from '../../graph/plan.js';
import type { EngineFacts, FederateReport, Progress, ThreadProfile } from '../../nodes/index.js';

export type RunState =
  /** Waits for workers. */
  | 'pending'
  /** Federates build their partitions. */
  | 'assigned'
  /** All are built and have been told to start. */
  | 'ready'
  | 'running'
  /** Told to end: by a client, or because a federate failed. */
  | 'stopping'
  | 'done'
  | 'failed'
  | 'stopped';

export type FederateState = 'building' | 'ready' | 'running' | 'done' | 'failed' | 'lost';

export interface FederateModel {
  readonly index: number;
  /** The plan's name, and the worker that holds it. */
  readonly name: string;
  readonly worker: string;
  readonly state: FederateState;
  readonly facts?: EngineFacts;
  readonly buildMs: number;
  readonly last?: Progress;
  readonly stopped: boolean;
  readonly peakMemoryBytes: number;
  readonly profile?: readonly ThreadProfile[];
  /** When anything came from it. */
  readonly heardMs: number;
}

export interface RunFailure {
  readonly code: string;
  readonly message: string;
  readonly exitStatus: 1 | 2;
}

export interface RunModel {
  readonly runId: string;
  readonly graphName: string;
  readonly state: RunState;
  readonly plan: Plan;
  /** Empty until it has workers. */
  readonly federates: readonly FederateModel[];
  /** What a pending run waits for. */
  readonly pendingFor: string;
  /** How a stopping run will end. */
  readonly ending?: 'failed' | 'stopped';
  readonly failure?: RunFailure;
  readonly stopReason?: string;
  readonly timeoutMs: number;
  /** How long federates may take to end when told so. */
  readonly graceMs: number;
  /** Recorded before the checkpoint that it went on from. */
  readonly spikesBefore?: number;
  readonly submittedMs: number;
  readonly assignedMs?: number;
  readonly startedMs?: number;
  readonly stoppingMs?: number;
  readonly endedMs?: number;
  /** When the slowest federate's clock last moved. */
  readonly movedMs: number;
}

export type RunEvent =
  | { readonly kind: 'pending'; readonly waitsFor: string }
  | { readonly kind: 'placed'; readonly workers: readonly string[] }
  | { readonly kind: 'report'; readonly federate: number; readonly report: FederateReport }
  /** A sign of life that says nothing else. */
  | { readonly kind: 'heard'; readonly federate: number }
  /** It is gone and won't come back. */
  | { readonly kind: 'lost'; readonly federate: number; readonly reason: string }
  | { readonly kind: 'fail'; readonly failure: RunFailure }
  | { readonly kind: 'stop'; readonly reason: string }
  | { readonly kind: 'tick' };

/** What has to be done to the world. Federates are named by number. */
export type RunEffect =
  | { readonly kind: 'assign' }
  | { readonly kind: 'start' }
  | { readonly kind: 'stop'; readonly federates: readonly number[]; readonly reason: string }
  | { readonly kind: 'kill'; readonly federates: readonly number[] }
  | { readonly kind: 'over' };

export const isOver = (model: RunModel): boolean =>
  model.state === 'done' || model.state === 'failed' || model.state === 'stopped';

/** A federate of which nothing more will come. */
export const isSettled = (federate: FederateModel): boolean =>
  federate.state === 'done' || federate.state === 'failed' || federate.state === 'lost';

/** The slowest federate's clock; where the plan begins before the start. */
export function runClockNs(model: RunModel): number {
  if (model.federates.length === 0) return model.plan.startNs ?? 0;
  return Math.min(...model.federates.map(({ last }) => last?.clockNs ?? model.plan.startNs ?? 0));
}
