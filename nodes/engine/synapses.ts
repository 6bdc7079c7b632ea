/**
 * Incoming synapses by source. All synapses of a group end within 65,536 accumulators of one port, so a target is 16 bits; a
 * group has one weight, or one a synapse (float32 where every weight is one). A source's row is sorted by delay; where
 * the group has more than one delay, a row is cut into segments of one delay each.
 */
export interface SynapseGroup {
  /** Added to each target: where the group's 65,536 accumulators begin. */
  readonly base: number;
  /** Rows are of sources [firstSource, firstSource + rows). */
  readonly firstSource: number;
  readonly rows: number;
  /** Constant weight; undefined where `weights` has one a synapse. */
  readonly weight: number | undefined;
  readonly weights: Float32Array | Float64Array | undefined;
  /** Of graded sources: what payload × weight is rounded to. 0 for plain spikes. */
  readonly quantum: number;
  readonly targets: Uint16Array;
  /** One delay for all: `rowStart[row]` is a synapse. Otherwise it is a segment, and segments say where synapses start. */
  readonly delay: number | undefined;
  readonly rowStart: Uint32Array;
  readonly segmentStart: Uint32Array | undefined;
  readonly segmentDelay: Uint16Array | undefined;
}

export function groupBytes(group: SynapseGroup): number {
  const columns = [group.targets, group.weights, group.rowStart, group.segmentStart, group.segmentDelay];
  return columns.reduce((sum, column) => sum + (column?.byteLength ?? 0), 0);
}

const INTEGERS = 2 ** 52;

/** The multiple of q (a power of two) nearest to x, ties to even: then sums of such values are exact. */
export function roundTo(x: number, q: number): number {
  const units = x / q;
  if (units >= INTEGERS || units <= -INTEGERS) return x;
  return (units >= 0 ? units + INTEGERS - INTEGERS : units - INTEGERS + INTEGERS) * q;
}
