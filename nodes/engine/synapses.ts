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
  /** One record a synapse, in a row: the target (u16), then a weight (little-endian) where the group has one a synapse. */
  readonly stride: Stride;
  readonly records: Uint8Array;
  /** Of `records`. */
  readonly view: DataView;
  /** Constant weight; undefined where records have one. */
  readonly weight: number | undefined;
  /** Of graded sources: what payload × weight is rounded to. 0 for plain spikes. */
  readonly quantum: number;
}

/** Bytes of a record: the target alone, with a float32, with a float64. */
export type Stride = 2 | 6 | 10;

export function synapseCount(group: SynapseGroup): number {
  return group.records.length / group.stride;
}

export function targetAt({ view, stride }: SynapseGroup, synapse: number): number {
  return view.getUint16(synapse * stride, true);
}

export function weightAt({ view, stride, weight }: SynapseGroup, synapse: number): number {
  if (stride === 2) return weight as number;
  return stride === 6 ? view.getFloat32(synapse * 6 + 2, true) : view.getFloat64(synapse * 10 + 2, true);
}

export function groupBytes(group: SynapseGroup): number {
  return group.records.byteLength + group.cells.byteLength;
}

const INTEGERS = 2 ** 52;

/** The multiple of q (a power of two) nearest to x, ties to even: then sums of such values are exact. */
export function roundTo(x: number, q: number): number {
  const units = x / q;
  if (units >= INTEGERS || units <= -INTEGERS) return x;
  return (units >= 0 ? units + INTEGERS - INTEGERS : units - INTEGERS + INTEGERS) * q;
}
