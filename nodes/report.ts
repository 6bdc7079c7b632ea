/**
 * What a federate is told and what it tells, as plain data: the same on a message port and, translated, on the join stream
 * (`proto/nil/v1/control.proto`).
 */
import type { Plan } from '../graph/plan.js';
import type { Graph } from '../graph/types.js';
import type { InChannel, OutChannel } from '../stream/channel.js';
import type { AdapterFacts, EmissionLog, EngineFacts, StateSamples } from './engine/engine.js';
import type { WeightSamples } from './engine/plastic/recorders.js';
import type { EngineSnapshot } from './engine/snapshot.js';
import type { Pace, TimingReport } from './pace.js';
import type { ThreadProfile } from './profile.js';
import type { WaitFor } from './sync/index.js';

export interface Assignment {
  readonly runId: string;
  /** How often this partition was started, from 1. */
  readonly incarnation: number;
  readonly graph: Graph;
  readonly plan: Plan;
  /** Place in `plan.federates`. */
  readonly federate: number;
  readonly threads: number;
  /** Longest window; undefined takes what suits the plan's lookaheads. */
  readonly windowSteps?: number;
  /** How often it reports and flushes its records, in milliseconds of wall time. */
  readonly reportMs: number;
  /** Tell at the end where time went. */
  readonly profile?: boolean;
  /** Absent: the federate saves nothing. An adapter never does: what a checkpoint needs of it is in its event log. */
  readonly checkpoints?: CheckpointParameters;
  /** Absent: as fast as it goes. */
  readonly pace?: Pace;
  /** Of each federate of the plan, its incarnation now; undefined: all have this one's. */
  readonly incarnations?: readonly number[];
  /** Where this federate's clock begins when it takes a lost one's place; the plan's `startNs` when undefined. */
  readonly startNs?: number;
  /** Who is lost may be started again: what was sent is kept until it is durable, and channels stay open after the end. */
  readonly retain?: boolean;
  /** A coordinator that is lost may come back: records, and event logs, are kept to be told again. Implied by `checkpoints`. */
  readonly keepRecords?: boolean;
}

/** What a federate is told of others while it runs, and after its end. */
export type PeerNews =
  /** `peer` was lost and begins again at `fromNs`; its older incarnations are nobody. */
  | {
      readonly kind: 'restarted';
      readonly peer: number;
      readonly incarnation: number;
      readonly fromNs: number;
    }
  /** Nobody will begin again before this time. */
  | { readonly kind: 'durable'; readonly untilNs: number };

export interface CheckpointParameters {
  /** A snapshot at every multiple of this, rounded up to a whole step. Only when asked, where it is undefined. */
  readonly everyNs?: number;
}

export interface ChannelProgress {
  readonly from: number;
  readonly to: number;
  /** The last promise received (in) or sent (out). */
  readonly promiseNs: number;
  /** In-channels: batches taken and not wholly delivered. */
  readonly queued: number;
  readonly batches: number;
  readonly bytes: number;
  readonly events: number;
  readonly repaired: number;
  readonly rejected: number;
  readonly duplicates: number;
  /** Of those rejected: from or for an older incarnation of either end. */
  readonly fenced: number;
  /** Out-channels of a run that retains: bytes of what was sent and is kept for a restart, in memory and spilled. */
  readonly retainedBytes: number;
  readonly spilledBytes: number;
  /** Milliseconds since the epoch; 0 is never. */
  readonly lastHeardMs: number;
}

/** @param promiseNs The last promise received or sent */
export function channelProgress(
  channel: InChannel | OutChannel,
  promiseNs: number,
  queued: number,
): ChannelProgress {
  const { from, to } = channel.plan;
  return { from, to, promiseNs, queued, ...channel.stats };
}

export interface Progress {
  readonly clockNs: number;
  readonly horizonNs: number;
  /** What it waits for, the most binding first; empty while it computes. */
  readonly waits: readonly WaitFor[];
  readonly ins: readonly ChannelProgress[];
  readonly outs: readonly ChannelProgress[];
  /** Recorded spikes so far. */
  readonly spikes: number;
  readonly synapticEvents: number;
  readonly simulateMs: number;
  readonly waitMs: number;
}

/** What was recorded in steps [beginStep, endStep). Chunks of a federate follow each other without gaps. */
export interface RecordChunk {
  readonly beginStep: number;
  readonly endStep: number;
  /** Recorded spikes in each step. */
  readonly counts: Uint32Array;
  /** Neuron numbers within the federate (its slices, concatenated), ascending within a step. */
  readonly neurons: Uint32Array;
  readonly states: readonly StateSamples[];
  /** Of recordings of weights; absent where nothing was recorded. */
  readonly weights?: readonly WeightSamples[];
}

export type FederateReport =
  | { readonly kind: 'ready'; readonly facts: EngineFacts; readonly buildMs: number }
  | { readonly kind: 'progress'; readonly progress: Progress }
  | { readonly kind: 'record'; readonly chunk: RecordChunk }
  /** Of an adapter. */
  | { readonly kind: 'log'; readonly log: EmissionLog }
  /** Comes right after the chunk that ends at its step. */
  | { readonly kind: 'snapshot'; readonly snapshot: EngineSnapshot }
  /** Answers a request to save: the federate won't pass `fromNs` before it is decided. */
  | { readonly kind: 'saveReady'; readonly request: number; readonly fromNs: number }
  | {
      readonly kind: 'done';
      readonly last: Progress;
      /** Ended on request before the run's end. */
      readonly stopped: boolean;
      readonly peakMemoryBytes: number;
      /** Of each thread, where the assignment asks for it. */
      readonly profile?: readonly ThreadProfile[];
      /** Of a federate that was paced, and of an adapter. */
      readonly timing?: TimingReport;
      readonly adapter?: AdapterFacts;
    }
  | {
      readonly kind: 'failed';
      readonly code: string;
      readonly message: string;
      readonly exitStatus: 1 | 2;
      readonly last?: Progress;
    };
