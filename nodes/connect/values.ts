import { GraphError } from '../../graph/errors.js';
import type { Distribution, Projection, Value } from '../../graph/types.js';
import { keyHigh, keyLow, philox, quantileOf, Stream, uniform32 } from '../random/index.js';
import { type Ends, type ExpandInput, placeOf, type Rows } from './columns.js';

/** A drawn weight: the distribution's quantile at a 32-bit uniform, clipped, as a float32. */
export function weightAt(distribution: Distribution, uniform: number): number {
  return Math.fround(quantileOf(distribution, uniform));
}

/** A drawn delay in steps: rounded to dt, dt at least. */
export function delayAt(distribution: Distribution, dtNs: number, uniform: number): number {
  return Math.max(1, Math.round(quantileOf(distribution, uniform) / dtNs));
}

export function weightsOf(
  input: ExpandInput,
  projection: Projection,
  ends: Ends,
  rows: Rows,
): number | Float32Array | Float64Array {
  const { weight } = projection;
  if (rows.weights !== undefined) return rows.weights;
  if (typeof weight === 'number') return weight;
  if (weight instanceof Float64Array) {
    const elementOf = elementsOf(input, projection, ends, rows, weight, 'weight');
    const weights = new Float64Array(rows.sources.length);
    for (let i = 0; i < weights.length; i++) weights[i] = weight[elementOf(i)];
    return weights;
  }
  const weights = new Float32Array(rows.sources.length);
  drawEach(input, Stream.Weights, rows, (i, uniform) => {
    weights[i] = weightAt(weight, uniform);
  });
  return weights;
}

/** @param maxDelaySteps the projection's, so that every owner of a part has columns of the same type */
export function delaysOf(
  input: ExpandInput,
  projection: Projection,
  ends: Ends,
  rows: Rows,
  maxDelaySteps: number,
): number | Uint16Array | Uint32Array {
  const { delayNs } = projection;
  const { dtNs } = input;
  if (typeof delayNs === 'number') return stepsOf(input, projection, delayNs);
  const count = rows.sources.length;
  const delays = maxDelaySteps < 65536 ? new Uint16Array(count) : new Uint32Array(count);
  if (delayNs instanceof Float64Array) {
    const elementOf = elementsOf(input, projection, ends, rows, delayNs, 'delay');
    for (let i = 0; i < count; i++) delays[i] = stepsOf(input, projection, delayNs[elementOf(i)]);
    return delays;
  }
  drawEach(input, Stream.Delays, rows, (i, uniform) => {
    delays[i] = delayAt(delayNs, dtNs, uniform);
  });
  return delays;
}

function stepsOf({ graph, dtNs }: ExpandInput, projection: Projection, delayNs: number): number {
  const steps = delayNs / dtNs;
  if (!Number.isInteger(steps) || steps < 0) {
    throw new GraphError(
      `${placeOf(graph, projection)}.delay`,
      `found ${delayNs} ns, expected a multiple of dt, ${dtNs} ns`,
    );
  }
  return steps;
}

/** Calls with the 32-bit uniform of every synapse: word k mod 4 of counter (k / 4, target, projection, 0). */
function drawEach(
  { seed, projection }: ExpandInput,
  stream: Stream,
  { begin, rowStart }: Rows,
  put: (synapse: number, uniform: number) => void,
): void {
  const words = new Uint32Array(4);
  const k0 = keyLow(seed);
  const k1 = keyHigh(seed, stream);
  for (let j = 0; j + 1 < rowStart.length; j++) {
    const from = rowStart[j];
    const count = rowStart[j + 1] - from;
    for (let k = 0; k < count; k++) {
      const lane = k & 3;
      if (lane === 0) philox(words, k0, k1, k >>> 2, begin + j, projection, 0);
      put(from + k, uniform32(words[lane]));
    }
  }
}

/** Which element of an array of weights or delays belongs to synapse i of the rows. */
function elementsOf(
  { graph }: ExpandInput,
  projection: Projection,
  ends: Ends,
  rows: Rows,
  values: Value & Float64Array,
  field: string,
): (synapse: number) => number {
  const { rule } = projection;
  const expected = arrayLengthOf(projection, ends);
  const place = `${placeOf(graph, projection)}.${field}`;
  if (expected === undefined) {
    throw new GraphError(
      place,
      `found a list, expected a number or a distribution: ${rule.kind} has no order of synapses`,
    );
  }
  if (values.length !== expected) {
    throw new GraphError(
      place,
      `found ${values.length} elements, expected ${expected}, one for each synapse`,
    );
  }
  const { elements, sources, rowStart, begin } = rows;
  if (elements !== undefined) return (i) => elements[i];
  if (rule.kind === 'fixed_indegree') {
    const first = begin * rule.indegree;
    return (i) => first + i;
  }
  let row = 0;
  return (i) => {
    if (i < rowStart[row]) row = 0;
    while (i >= rowStart[row + 1]) row++;
    return (begin + row) * ends.source.size + sources[i];
  };
}

/**
 * Length of an array of weights or delays; undefined for rules whose synapses have no order that a graph could state. NEST's shapes,
 * flattened: `one_to_one` targets, `all_to_all` targets × sources (also without autapses), `fixed_indegree` targets × indegree.
 */
export function arrayLengthOf({ rule }: Projection, ends: Ends): number | undefined {
  switch (rule.kind) {
    case 'pairs':
      return rule.targets.length;
    case 'one_to_one':
      return ends.target.size;
    case 'all_to_all':
      return ends.target.size * ends.source.size;
    case 'fixed_indegree':
      return ends.target.size * rule.indegree;
    default:
      return undefined;
  }
}
