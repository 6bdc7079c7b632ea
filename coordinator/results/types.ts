/**
 * What a run leaves behind, in memory (`RunResult`) and as the facts that `summary.json` and `--json` tell (`Summary`).
 */
import type { Lowered } from '../../adapters/index.js';
import type { Graph, Plan, RunSettings } from '../../graph/index.js';
import type { AdapterFacts, EmissionLog, ThreadProfile, TimingReport } from '../../nodes/index.js';
import type { CheckpointFacts } from '../checkpoint/facts.js';

export type Transport = 'embedded' | 'nats';

/**
 * Recorded spikes of one population in canonical order: ascending (step, neuron). A spike of step s is stamped (s + 1) · dt.
 */
export interface PopulationSpikes {
  /** Place in the graph's populations. */
  readonly population: number;
  readonly name: string;
  /** Neurons that were recorded; smaller than the population's size where a recording names a range. */
  readonly recorded: number;
  readonly steps: Uint32Array;
  readonly neurons: Uint32Array;
}

/** Samples of one state variable. */
export interface StateTrace {
  /** Place in the graph's recordings. */
  readonly recording: number;
  readonly population: string;
  readonly variable: string;
  /** Neurons [begin, end) of the population. */
  readonly begin: number;
  readonly end: number;
  /** Sample i holds the state at time (i · everySteps + 1) · dt, the end of step i · everySteps. */
  readonly everySteps: number;
  readonly samples: number;
  /** samples × (end − begin), row-major; NaN where a partition ended before it had the sample. */
  readonly values: Float64Array;
}

/** Recorded weights of one projection, in order of (step, target, source, delay). */
export interface WeightTrace {
  /** Place in the graph's recordings. */
  readonly recording: number;
  readonly projection: string;
  /** Time / dt of a sample; of a weight that acted, that of the end of the step in which it did. */
  readonly steps: Uint32Array;
  readonly sources: Uint32Array;
  readonly targets: Uint32Array;
  readonly delays: Uint32Array;
  readonly weights: Float64Array;
}

/** How the run ended. `stopped`: on request, `failed`: by itself; both keep what was recorded. */
export interface Outcome {
  readonly state: 'done' | 'stopped' | 'failed';
  /** Every partition has completed the steps until this time, and all that happened until then is recorded. */
  readonly reachedNs: number;
  /** What it failed of; absent when done. */
  readonly failure?: { readonly code: string; readonly message: string; readonly exitStatus: 1 | 2 };
  /** Why it was stopped. */
  readonly stopReason?: string;
}

export interface FederateResult {
  readonly index: number;
  readonly name: string;
  /** Who held it: a thread of this process or a worker. */
  readonly worker: string;
  readonly clockNs: number;
  readonly neurons: number;
  readonly synapses: number;
  readonly synapseBytes: number;
  /** Bytes that the partition allocated for its network. */
  readonly totalBytes: number;
  readonly synapticEvents: number;
  /** Wall milliseconds: to build; in the loop; of those, waiting for others. */
  readonly buildMs: number;
  readonly simulateMs: number;
  readonly waitMs: number;
  /** Of the process that held it: partitions that are threads of one process say the same. */
  readonly peakMemoryBytes: number;
  /** Milliseconds by what they were spent on, for each of its threads; where the run was profiled. */
  readonly profile?: readonly ThreadProfile[];
  /** Name of the graph's adapter that it is; undefined: software. */
  readonly adapterName?: string;
  /** Of a paced federate, and of an adapter. */
  readonly timing?: TimingReport;
  readonly adapter?: AdapterFacts;
}

export interface ChannelResult {
  /** Federate numbers of the plan. */
  readonly from: number;
  readonly to: number;
  readonly lookaheadNs: number;
  readonly batches: number;
  readonly bytes: number;
  readonly events: number;
  readonly repaired: number;
  readonly rejected: number;
}

export interface RunResult {
  readonly runId: string;
  readonly graph: Graph;
  readonly settings: RunSettings;
  readonly plan: Plan;
  readonly transport: Transport;
  /** Threads of each federate. */
  readonly threads: number;
  readonly outcome: Outcome;
  /** One for each population with recorded neurons, in the graph's order. */
  readonly spikes: readonly PopulationSpikes[];
  readonly states: readonly StateTrace[];
  /** Absent where the graph records no weights. */
  readonly weights?: readonly WeightTrace[];
  readonly federates: readonly FederateResult[];
  readonly channels: readonly ChannelResult[];
  /** Wall milliseconds; `total` is from the submission to the end. */
  readonly wallMs: { readonly build: number; readonly simulate: number; readonly total: number };
  /** Sum over the processes that took part. */
  readonly peakMemoryBytes: number;
  /** Where this process went on with the run; absent when it began it. Wall times are of what came after, spikes of the whole run. */
  readonly resumedFromNs?: number;
  /** Absent when the run made none. */
  readonly checkpoints?: CheckpointFacts;
  /** Federates that were lost and went on elsewhere, in the order of their loss; absent when none was. */
  readonly recoveries?: readonly RecoverySummary[];
  /** What adapters emitted, by federate; absent without adapters. */
  readonly logs?: readonly (readonly EmissionLog[])[];
  /** What was changed of the graph so that adapters can hold it; absent when nothing was. */
  readonly lowered?: readonly Lowered[];
}

/** Fields of `summary.json` and of `nil run --json`: a contract, `proto/nil/v1/results.proto` says the same. */
export interface Summary {
  readonly version: string;
  readonly runId: string;
  /** The graph's name. */
  readonly graph: string;
  readonly state: Outcome['state'];
  /** Biological time that was simulated, ns: the duration when the run is done. */
  readonly reachedNs: number;
  /** One line: why it failed or was stopped; absent when done. */
  readonly detail?: string;
  /** SHA-256 (hex) over the spikes in canonical order. */
  readonly digest: string;
  readonly spikeCount: number;
  readonly populations: readonly PopulationSummary[];
  readonly durationNs: number;
  /** The time of the checkpoint that this run went on from; absent when it began at 0. Wall seconds are of what came after it. */
  readonly resumedFromNs?: number;
  readonly dtNs: number;
  readonly seed: number;
  readonly workers: number;
  readonly threads: number;
  readonly transport: Transport;
  readonly neurons: number;
  readonly synapses: number;
  readonly synapticEvents: number;
  readonly wallSeconds: { readonly build: number; readonly simulate: number; readonly total: number };
  /** Wall seconds of simulation for each second of biological time: 1 keeps pace, below 1 is faster. 0 when nothing was simulated. */
  readonly realTimeFactor: number;
  readonly peakMemoryBytes: number;
  readonly federates: readonly FederateSummary[];
  /** Batches and bytes from federate to federate; named as in `federates`. */
  readonly channels: readonly ChannelSummary[];
  /** Absent when the run made none. */
  readonly checkpoints?: CheckpointSummary;
  /** Absent when nothing was lost. */
  readonly recoveries?: readonly RecoverySummary[];
  /** What was changed of the graph so that adapters can hold it; absent when nothing was. */
  readonly lowered?: readonly Lowered[];
}

/** A federate that was lost and went on elsewhere. */
export interface RecoverySummary {
  readonly federate: string;
  /** Its clock when it was lost, and the time that it went on from. */
  readonly atNs: number;
  readonly fromNs: number;
  readonly reason: string;
  /** Where it went on. */
  readonly worker: string;
  /** Wall: from its last sign of life to its loss; from there until it was built again; from there until it was where it had been. */
  readonly detectMs: number;
  readonly restoreMs: number;
  readonly catchUpMs: number;
}

export interface CheckpointSummary {
  readonly written: number;
  /** Could not be written. */
  readonly failed: number;
  /** Time of the newest one. */
  readonly newestNs: number;
  /** Its size, beside what was recorded. */
  readonly stateBytes: number;
  /** Of all that were written; the run didn't wait for that. */
  readonly bytes: number;
  readonly wallSeconds: number;
}

/** A population whose spikes were recorded. */
export interface PopulationSummary {
  readonly name: string;
  readonly model: string;
  readonly size: number;
  /** Neurons that were recorded. */
  readonly recorded: number;
  readonly spikeCount: number;
  /** Spikes a second and recorded neuron, over the time that was simulated. */
  readonly rateHz: number;
}

export interface FederateSummary {
  readonly name: string;
  readonly worker: string;
  readonly neurons: number;
  readonly synapses: number;
  readonly synapticEvents: number;
  readonly wallSeconds: { readonly build: number; readonly simulate: number; readonly wait: number };
  /** Seconds by what they were spent on, for each of its threads; where the run was profiled. */
  readonly profile?: readonly ThreadProfile[];
  /** Of an adapter: its name in the graph and its kind. */
  readonly adapter?: { readonly name: string; readonly kind: string } & AdapterFacts;
  /** Lateness and jitter, microseconds of wall time; of a paced federate, and of an adapter. */
  readonly timing?: TimingReport;
}

export interface ChannelSummary {
  readonly from: string;
  readonly to: string;
  readonly lookaheadNs: number;
  readonly batches: number;
  readonly bytes: number;
  readonly events: number;
  readonly repaired: number;
  readonly rejected: number;
}
