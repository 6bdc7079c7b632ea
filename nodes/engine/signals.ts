import type { SynapseColumns } from '../connect/index.js';

/** What a signal population put out in the last steps, as far as delays reach back: `depth` steps × its whole size. */
export interface SignalHistory {
  readonly values: Float64Array;
  readonly depth: number;
  readonly size: number;
}

/** A projection of continuous values into one block, by target: the sums' order is the projection's own, whoever owns the sources. */
export interface SignalProjection {
  readonly history: SignalHistory;
  /** Of the block's neuron j: terms rowStart[j] … rowStart[j + 1]. */
  readonly rowStart: Uint32Array;
  readonly sources: Uint32Array;
  readonly weights: Float64Array;
  readonly delays: Uint32Array;
}

export function makeHistory(size: number, longestDelay: number): SignalHistory {
  const depth = longestDelay + 1;
  return { values: new Float64Array(depth * size), depth, size };
}

/** Writes the values of neurons from `begin` on, put out in `step`. */
export function remember(history: SignalHistory, step: number, begin: number, values: Float64Array): void {
  history.values.set(values, (step % history.depth) * history.size + begin);
}

/** Terms in ascending order of (target, source, synapse), which doesn't depend on who owns what. */
export function buildSignalProjection(
  history: SignalHistory,
  columns: SynapseColumns,
  begin: number,
  size: number,
): SignalProjection {
  const count = columns.targets.length;
  const order = Uint32Array.from({ length: count }, (_, i) => i).sort(
    (a, b) => columns.targets[a] - columns.targets[b] || columns.sources[a] - columns.sources[b] || a - b,
  );
  const rowStart = new Uint32Array(size + 1);
  for (let i = 0; i < count; i++) rowStart[columns.targets[i] - begin + 1]++;
  for (let j = 0; j < size; j++) rowStart[j + 1] += rowStart[j];
  const { weights, delaySteps } = columns;
  return {
    history,
    rowStart,
    sources: order.map((i) => columns.sources[i]),
    weights: Float64Array.from(order, (i) => (typeof weights === 'number' ? weights : weights[i])),
    delays: order.map((i) => (typeof delaySteps === 'number' ? delaySteps : delaySteps[i])),
  };
}

/** Adds the projection's sums for `step` to the block's current. What was put out before time 0 is 0. */
export function addSignals(projection: SignalProjection, step: number, current: Float64Array): void {
  const { history, rowStart, sources, weights, delays } = projection;
  for (let j = 0; j + 1 < rowStart.length; j++) {
    let sum = 0;
    for (let i = rowStart[j]; i < rowStart[j + 1]; i++) {
      if (delays[i] > step) continue;
      sum += weights[i] * history.values[((step - delays[i]) % history.depth) * history.size + sources[i]];
    }
    current[j] += sum;
  }
}
