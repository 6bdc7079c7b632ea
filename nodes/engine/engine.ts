import type { SpikeColumns } from '../../stream/batch.js';
import type { RealTime } from '../pace.js';
import type { WeightSamples } from './plastic/recorders.js';
import type { EngineSnapshot, EngineState } from './snapshot.js';

/**
 * One partition's numerics: state and incoming synapses of the neurons that a federate owns. Knows steps and neurons, nothing of
 * channels, clocks or files.
 */
export interface Engine {
  /** Steps completed: the state is that at time step · dt. */
  readonly step: number;
  /**
   * Takes what in-channel number `channel` (place among the plan's channels to this federate) says of the steps that start at
   * `beginStep`. Must be called before `advance` over any step in which these events act.
   */
  deliver(channel: number, beginStep: number, spikes: SpikeColumns, signals: Float64Array | undefined): void;
  /** Runs steps up to `endStep` (exclusive). What they emitted is in `emitted` until the next call. */
  advance(endStep: number): Emission;
  /** Most steps that one `advance` may run. */
  readonly maxWindowSteps: number;
  readonly facts: EngineFacts;
  /** Samples of recorded state variables since the last call: one entry for each state recording with a part here. */
  takeSamples(): readonly StateSamples[];
  /** Weights recorded since the last call. Absent where no synapse changes. */
  takeWeights?(): readonly WeightSamples[];
  /** Its state now, in columns of its own. Absent where an engine's state can't be had (a board's). */
  snapshot?(): EngineState;
  /**
   * Goes on from everybody's snapshots of one step, whoever made them: of all neurons here their state, and of the whole graph what
   * was emitted. Only before the first `advance` and `deliver`.
   * @throws RunError SNAPSHOT_INVALID
   */
  restore?(snapshots: readonly EngineSnapshot[]): void;
  /** Lets go of threads, where it has any; nothing may be called afterwards. */
  close?(): void;
  /** Has to be done before `advance(endStep)`, where an engine takes its time: a board, another program. Its thread's event loop turns. */
  prepare?(endStep: number): Promise<void>;
  /** It can't wait: the wall clock says when it is done with a step, and nothing that comes or doesn't come keeps it back. */
  readonly realTime?: RealTime;
  /** Called once, before the first `prepare`: biological time of a moment of `performance.now()`; of a run that isn't paced, undefined. */
  takeClock?(atNs: ((nowMs: number) => number) | undefined): void;
  /** What it emitted since the last call, of an engine that can't do it again. */
  takeLog?(): EmissionLog | undefined;
  /** At the end, of an adapter. */
  adapterFacts?(): AdapterFacts;
}

/** Everything that was emitted in steps [beginStep, endStep), in columns of its own. What lies between two logs is silence. */
export interface EmissionLog {
  readonly beginStep: number;
  readonly endStep: number;
  /** Neurons are numbered within the federate, ascending within a step. */
  readonly spikes: SpikeColumns;
}

/** What an adapter has counted. */
export interface AdapterFacts {
  /** Events for it, and from it. */
  readonly eventsIn: number;
  readonly eventsOut: number;
  /** Of those, which came too late for it, and from it; and how many were dropped for that. */
  readonly lateIn: number;
  readonly lateOut: number;
  readonly dropped: number;
  /** The plug-in's own. */
  readonly counters: Readonly<Record<string, number>>;
}

/** What a partition emitted in steps [beginStep, endStep). */
export interface Emission {
  readonly beginStep: number;
  readonly endStep: number;
  /** counts per step; neurons are numbered within the federate (its slices, concatenated), ascending within a step. */
  readonly spikes: SpikeColumns;
  /** For each slice of a signal model, in the federate's order: steps × neurons. */
  readonly signals: readonly Float64Array[];
}

export interface StateSamples {
  /** Place in the graph's recordings, and the part of the population that this federate owns. */
  readonly recording: number;
  readonly variable: string;
  readonly begin: number;
  readonly end: number;
  /** Number of the first sample here (0 is the state at the end of step 0). */
  readonly firstSample: number;
  /** samples × (end − begin), row-major. */
  readonly values: Float64Array;
}

export interface EngineFacts {
  readonly neurons: number;
  readonly synapses: number;
  /** Bytes allocated for synapses and in all. */
  readonly synapseBytes: number;
  readonly totalBytes: number;
  /** Synaptic events delivered so far. */
  readonly synapticEvents: number;
}
