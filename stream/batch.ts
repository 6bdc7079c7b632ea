/**
 * A batch: every event of one channel stamped in the window (beginNs, endNs]. Its `endNs` is the sender's promise never again
 * to send an event stamped at or before it. An empty batch is a null message.
 */
export interface Batch {
  /** Federate numbers of the plan. */
  readonly from: number;
  readonly to: number;
  /** How often the sender's partition was (re)started; an older incarnation's batches are nobody's. */
  readonly incarnation: number;
  /** How often the receiver's was started; undefined or 0: the same as `incarnation`. */
  readonly toIncarnation?: number;
  /** 0, 1, 2, … for each channel and pair of incarnations, without gaps. */
  readonly seq: number;
  readonly beginNs: number;
  readonly endNs: number;
  readonly spikes: SpikeColumns;
  /** steps × (neurons of the channel's signal slices), row-major; absent where the channel has none. */
  readonly signals?: Float64Array;
}

/** Spikes of consecutive steps as columns; views on the received bytes, never copies. */
export interface SpikeColumns {
  /** Number of spikes in each step of the window. */
  readonly counts: Uint32Array;
  /** Neuron numbers on the channel, ascending within a step. */
  readonly neurons: Uint32Array;
  /** One payload for each spike, on graded channels. */
  readonly values?: Float32Array;
}
