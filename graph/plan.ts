/**
 * Who owns what and who talks to whom: the partitioner's result, and all that a federate needs to know of the others.
 */

/** Neurons [begin, end) of population number `population` of the graph. */
export interface Slice {
  readonly population: number;
  readonly begin: number;
  readonly end: number;
}

export interface FederatePlan {
  /** Position in `Plan.federates`; the number that batches carry. */
  readonly index: number;
  readonly name: string;
  /** Name of the graph's adapter that it is an instance of; undefined: software. */
  readonly adapter?: string;
  /** In the graph's order of populations, ascending; a population has at most one slice. */
  readonly slices: readonly Slice[];
}

/** A directed stream of events. At most one for each (from, to). */
export interface ChannelPlan {
  readonly from: number;
  readonly to: number;
  /** The smallest delay of any synapse that it carries; 0 is legal where no cycle of channels has total lookahead 0. */
  readonly lookaheadNs: number;
  /**
   * The sender's slices (in its order) whose events travel. A neuron's number on the channel is its place in the concatenation of
   * these slices, counted over those whose model emits spikes (`spikes`) and signals (`signals`) separately.
   */
  readonly spikes: readonly Slice[];
  readonly signals: readonly Slice[];
  /** Whether spikes carry a float32 payload. */
  readonly graded: boolean;
}

export interface Plan {
  readonly dtNs: number;
  /** Where federates begin, and so all channels: a whole number of steps, 0 when undefined. Above 0 when they go on from snapshots. */
  readonly startNs?: number;
  readonly durationNs: number;
  readonly seed: number;
  readonly federates: readonly FederatePlan[];
  readonly channels: readonly ChannelPlan[];
}
