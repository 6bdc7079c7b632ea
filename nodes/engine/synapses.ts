/**
 * Incoming synapses by source and delay. All synapses of a group end within 65,536 accumulators of one port, so a target is 16
 * bits; a group has one weight, or one a synapse (float32 where that loses nothing).
 */
export interface SynapseGroup {
  /** Added to each target: where the group's 65,536 accumulators begin. */
  readonly base: number;
  /** Rows are of sources [firstSource, firstSource + rows). */
  readonly firstSource: number;
  readonly rows: number;
  /** Delays are firstDelay … firstDelay + bins − 1 steps. */
  readonly firstDelay: number;
  readonly bins: number;
  /** Synapses of (row, bin) are cells[row · bins + bin] up to the next cell's. */
  readonly cells: Uint32Array;
  readonly targets: Uint16Array;
  /** Constant weight; undefined where `weights` has one a synapse. */
  readonly weight: number | undefined;
  readonly weights: Float32Array | Float64Array | undefined;
  /** Of graded sources: what payload × weight is rounded to. 0 for plain spikes. */
  readonly quantum: number;
}

export function groupBytes(group: SynapseGroup): number {
  return group.targets.byteLength + group.cells.byteLength + (group.weights?.byteLength ?? 0);
}

const INTEGERS = 2 ** 52;

/** The multiple of q (a power of two) nearest to x, ties to even: then sums of such values are exact. */
export function roundTo(x: number, q: number): number {
  const units = x / q;
  if (units >= INTEGERS || units <= -INTEGERS) return x;
  return (units >= 0 ? units + INTEGERS - INTEGERS : units - INTEGERS + INTEGERS) * q;
}
