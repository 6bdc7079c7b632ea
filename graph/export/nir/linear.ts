import { GraphError } from '../../errors.js';
import { type NirArray, type NirNode, nirArray } from '../../import/nir/types.js';
import { convOutputShape } from '../../size.js';
import type { ConvRule, Projection, Value } from '../../types.js';
import type { BiasOnce } from './bias.js';

/** One linear node of a projection's chain; the suffix becomes part of its name. */
export interface Raised {
  readonly suffix: string;
  readonly node: NirNode;
}

const sizeOf = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1);
/** Matrices beyond this many weights aren't written: a NIR file has no sparse form. */
const MAX_WEIGHTS = 1 << 26;

/** Values of each neuron as a NIR field. */
export function fieldsOf(value: Value, shape: readonly number[], place: string): NirArray {
  if (typeof value === 'number') return nirArray(new Float64Array(sizeOf(shape)).fill(value), shape);
  if (value instanceof Float64Array) return nirArray(value, shape);
  throw new GraphError(place, 'is a distribution, expected numbers for NIR');
}

/**
 * A projection as a chain of linear nodes from the source's shape to the target's; takes the target's bias along where it can.
 * @throws GraphError naming the projection and field that NIR has no primitive for.
 */
export function linearNodes(
  projection: Projection,
  source: readonly number[],
  target: readonly number[],
  bias: BiasOnce,
  recurrent: boolean,
): Raised[] {
  const place = `projections.${projection.name}`;
  const chain: Raised[] = [];
  if (!recurrent) chain.push(...delayNode(projection, source, place));
  const { rule } = projection;
  if (rule.kind === 'conv') {
    chain.push(convNode(projection, rule, source, target, bias, place));
    return chain;
  }
  const flat = source.length > 1 && target.length === 1;
  if (!flat && sizeOf(target) !== target[0] && rule.kind !== 'one_to_one') {
    throw new GraphError(
      `${place}.rule`,
      `leads to the shape [${target}], expected a flat population: NIR has no way back`,
    );
  }
  if (flat) chain.push({ suffix: 'flatten', node: flattenNode(source) });
  const size = sizeOf(source);
  if (rule.kind === 'one_to_one' && bias.left === undefined) {
    if (projection.weight === 1) return chain;
    const shape = flat ? [size] : source;
    chain.push({
      suffix: 'scale',
      node: node('Scale', { scale: fieldsOf(projection.weight, shape, `${place}.weight`) }),
    });
    return chain;
  }
  const matrix = nirArray(matrixOf(projection, size, sizeOf(target), place), [sizeOf(target), size]);
  const left = bias.left;
  bias.take();
  chain.push({
    suffix: 'w',
    node:
      left === undefined
        ? node('Linear', { weight: matrix })
        : node('Affine', { weight: matrix, bias: nirArray(left) }),
  });
  return chain;
}

function node(type: NirNode['type'], fields: NirNode['fields']): NirNode {
  return { type, fields, metadata: {} };
}

function flattenNode(shape: readonly number[]): NirNode {
  const number = (n: number): NirArray => nirArray(n, [], 'int64');
  return node('Flatten', { start_dim: number(0), end_dim: number(-1), input_type: ints(shape) });
}

const ints = (values: readonly number[]): NirArray => nirArray(values, [values.length], 'int64');

function delayNode(projection: Projection, source: readonly number[], place: string): Raised[] {
  const { delayNs, rule } = projection;
  if (delayNs === 0) return [];
  const perElement = rule.kind === 'one_to_one' && delayNs instanceof Float64Array;
  if (typeof delayNs !== 'number' && !perElement) {
    throw new GraphError(
      `${place}.delay`,
      'differs between synapses, expected one delay, or one for each neuron of one_to_one',
    );
  }
  const seconds = typeof delayNs === 'number' ? delayNs / 1e9 : (delayNs as Float64Array).map((d) => d / 1e9);
  return [{ suffix: 'delay', node: node('Delay', { delay: fieldsOf(seconds, source, `${place}.delay`) }) }];
}

function convNode(
  projection: Projection,
  rule: ConvRule,
  source: readonly number[],
  target: readonly number[],
  bias: BiasOnce,
  place: string,
): Raised {
  const expected = [rule.inChannels, ...rule.inputShape];
  const output = [rule.outChannels, ...convOutputShape(rule)];
  if (String(source) !== String(expected) || String(target) !== String(output)) {
    throw new GraphError(
      `${place}.rule`,
      `goes from [${source}] to [${target}], expected [${expected}] to [${output}]`,
    );
  }
  const { weight } = projection;
  if (typeof weight !== 'number')
    throw new GraphError(`${place}.weight`, 'is no single factor, expected one for NIR');
  const channels = channelBias(bias.left, rule.outChannels);
  if (channels !== undefined) bias.take();
  const type = rule.kernelShape.length === 1 ? 'Conv1d' : 'Conv2d';
  const kernel = rule.kernel.map((k) => k * weight);
  const fields = {
    input_shape: type === 'Conv1d' ? nirArray(rule.inputShape[0], [], 'int64') : ints(rule.inputShape),
    weight: nirArray(kernel, [rule.outChannels, rule.inChannels / rule.groups, ...rule.kernelShape]),
    bias: nirArray(channels ?? new Float64Array(rule.outChannels)),
    stride: type === 'Conv1d' ? nirArray(rule.stride[0], [], 'int64') : ints(rule.stride),
    padding: paddingOf(rule, type, place),
    dilation: type === 'Conv1d' ? nirArray(rule.dilation[0], [], 'int64') : ints(rule.dilation),
    groups: nirArray(rule.groups, [], 'int64'),
  };
  return { suffix: 'conv', node: node(type, fields) };
}

/** Undefined where the bias differs within a channel, which a convolution has no place for. */
function channelBias(bias: Float64Array | undefined, channels: number): Float64Array | undefined {
  if (bias === undefined) return undefined;
  const each = bias.length / channels;
  const first = Float64Array.from({ length: channels }, (_, c) => bias[c * each]);
  return bias.every((b, i) => b === first[Math.floor(i / each)]) ? first : undefined;
}

function paddingOf(rule: ConvRule, type: 'Conv1d' | 'Conv2d', place: string): NirArray | string {
  if (rule.padding.every(([before, after]) => before === after)) {
    const pads = rule.padding.map(([before]) => before);
    return type === 'Conv1d' ? nirArray(pads[0], [], 'int64') : ints(pads);
  }
  const same = rule.padding.every(([before, after], d) => {
    const total = rule.dilation[d] * (rule.kernelShape[d] - 1);
    return before === Math.floor(total / 2) && after === total - before && rule.stride[d] === 1;
  });
  if (same) return 'same';
  throw new GraphError(
    `${place}.rule.padding`,
    'differs before and after, expected equal zeros or those of "same" for NIR',
  );
}

function matrixOf(projection: Projection, sources: number, targets: number, place: string): Float64Array {
  const { rule, weight } = projection;
  if (sources * targets > MAX_WEIGHTS) {
    throw new GraphError(
      `${place}.rule`,
      `needs a matrix of ${targets} × ${sources} in NIR, expected at most ${MAX_WEIGHTS} weights`,
    );
  }
  if (typeof weight !== 'number' && !(weight instanceof Float64Array)) {
    throw new GraphError(`${place}.weight`, 'is a distribution, expected numbers for NIR');
  }
  const at = (i: number): number => (typeof weight === 'number' ? weight : weight[i]);
  if (rule.kind === 'dense' && typeof weight === 'number') return rule.matrix.map((w) => w * weight);
  const matrix = new Float64Array(targets * sources);
  if (rule.kind === 'pairs') {
    for (let i = 0; i < rule.sources.length; i++)
      matrix[rule.targets[i] * sources + rule.sources[i]] += at(i);
    return matrix;
  }
  if (rule.kind === 'one_to_one') {
    for (let i = 0; i < targets; i++) matrix[i * sources + i] = at(i);
    return matrix;
  }
  throw new GraphError(
    `${place}.rule`,
    `NIR has no "${rule.kind}", expected dense, conv, pairs or one_to_one`,
  );
}
