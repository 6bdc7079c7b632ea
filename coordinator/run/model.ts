/**
 * A run as the coordinator sees it: plain data that the lifecycle (`lifecycle.ts`) turns over and status is made from.
 */
import type { Plan } from '../../graph/plan.js';
import type {
  AdapterFacts,
  EngineFacts,
  FederateReport,
  Progress,
  ThreadProfile,
  TimingReport,
} from '../../nodes/index.js';

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

export type FederateState =
  | 'building'
  | 'ready'
  | 'running'
  | 'done'
  | 'failed'
  | 'lost'
  /** Lost, until there is a worker to take its place. */
  | 'waiting'
  /** Being built again, from the last checkpoint. */
  | 'restoring';

export interface FederateModel {
  readonly index: number;
  /** The plan's name, and the worker that holds it. */
  readonly name: string;
  readonly worker: string;
  readonly state: FederateState;
  /** How often it was started; what comes of an earlier one is nobody's. */
  readonly incarnation: number;
  /** Where this incarnation began, and what was recorded until then; undefined for one that began with the run. */
  readonly from?: { readonly clockNs: number; readonly spikes: number };
  /** It is done, and its process is gone: it can't repeat what it sent. */
  readonly gone?: boolean;
  /** Place in the run's recoveries, from its loss until its clock is where it was then. */
  readonly recovering?: number;
  /** How often it was lost before it had come that far again. */
  readonly lostInRow: number;
  readonly facts?: EngineFacts;
  readonly buildMs: number;
  readonly last?: Progress;
  readonly stopped: boolean;
  readonly peakMemoryBytes: number;
  readonly profile?: readonly ThreadProfile[];
  readonly timing?: TimingReport;
  readonly adapter?: AdapterFacts;
  /** When anything came from it. */
  readonly heardMs: number;
}

/** A federate that was lost, and what became of it. Times in milliseconds; 0: not yet. */
export interface Recovery {
  readonly federate: number;
  /** Its clock when it was lost, or where it was to come to when it was lost on the way there. */
  readonly atNs: number;
  readonly fromNs: number;
  readonly reason: string;
  /** Who took it; empty until somebody did. */
  readonly worker: string;
  readonly lostMs: number;
  /** From its last sign of life to `lostMs`; from there to its start; from there until its clock is at `atNs`. */
  readonly detectMs: number;
  readonly restoreMs: number;
  readonly catchUpMs: number;
}

/** How a run answers the loss of a federate. */
export interface RecoveryRules {
  /** Losses that a run survives. */
  readonly most: number;
  /** A federate that isn't heard of for so long is lost. */
  readonly deadlineMs: number;
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
  /** Absent: a lost federate ends the run. */
  readonly recovery?: RecoveryRules;
  /** In the order of loss. */
  readonly recoveries: readonly Recovery[];
  /** Lines that say why nothing moves, once it hasn't for `stallAfterMs`. */
  readonly stall: readonly string[];
  readonly stallAfterMs: number;
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
  /** `incarnation` of all; 1 when undefined. */
  | { readonly kind: 'placed'; readonly workers: readonly string[]; readonly incarnation?: number }
  | {
      readonly kind: 'report';
      readonly federate: number;
      /** Who says it; the present one where undefined. */
      readonly incarnation?: number;
      readonly report: FederateReport;
    }
  /** A sign of life that says nothing else. */
  | { readonly kind: 'heard'; readonly federate: number; readonly incarnation?: number }
  /** It is gone and won't come back. */
  | {
      readonly kind: 'lost';
      readonly federate: number;
      readonly incarnation?: number;
      readonly reason: string;
    }
  /** There is a worker for a federate that waits for one. It goes on from `fromNs`; `spikes`: recorded by it until then. */
  | {
      readonly kind: 'replaced';
      readonly federate: number;
      readonly worker: string;
      readonly fromNs: number;
      readonly spikes: number;
    }
  /** The coordinator came back, and a worker still has the federate. */
  | {
      readonly kind: 'adopted';
      readonly federate: number;
      readonly incarnation: number;
      readonly worker: string;
    }
  /** Who watches stood still itself for so long: nobody is to blame for silence in it. */
  | { readonly kind: 'slept'; readonly ms: number }
  | { readonly kind: 'fail'; readonly failure: RunFailure }
  | { readonly kind: 'stop'; readonly reason: string }
  | { readonly kind: 'tick' };

/** What has to be done to the world. Federates are named by number. */
export type RunEffect =
  | { readonly kind: 'assign' }
  /** All, where it says no others. */
  | { readonly kind: 'start'; readonly federates?: readonly number[] }
  /** Find a worker for it: answered by `replaced`. */
  | { readonly kind: 'replace'; readonly federate: number }
  /** Build its next incarnation where it has its place now, and tell the others. */
  | { readonly kind: 'restore'; readonly federate: number }
  | { readonly kind: 'stalled'; readonly lines: readonly string[] }
  | { readonly kind: 'stop'; readonly federates: readonly number[]; readonly reason: string }
  | { readonly kind: 'kill'; readonly federates: readonly number[] }
  | { readonly kind: 'over' };

/** Of a run's model or its status. */
export const isOver = ({ state }: Pick<RunModel, 'state'>): boolean =>
  state === 'done' || state === 'failed' || state === 'stopped';

/** A federate of which nothing more will come. */
export const isSettled = (federate: FederateModel): boolean =>
  federate.state === 'done' || federate.state === 'failed' || federate.state === 'lost';

/** The slowest federate's clock; where the plan begins before the start. */
export function runClockNs(model: RunModel): number {
  if (model.federates.length === 0) return model.plan.startNs ?? 0;
  return Math.min(...model.federates.map((federate) => clockOf(model, federate)));
}

/** Of its last report, or where it began. */
export function clockOf({ plan }: RunModel, { last, from }: FederateModel): number {
  return last?.clockNs ?? from?.clockNs ?? plan.startNs ?? 0;
}

/** The end of the last whole step. */
export function endNsOf({ durationNs, dtNs }: Plan): number {
  return Math.floor(durationNs / dtNs) * dtNs;
}
