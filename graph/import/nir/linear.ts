import type { Projection, Rule } from '../../types.js';
import { sizeOf, spread } from './broadcast.js';
import type { FlatNode } from './flatten.js';
import type { NodeShapes } from './shapes.js';
import { numbers, windowOf } from './window.js';

/** A linear node as what it does to one element: element i of the input adds weight × its value to some elements of the output. */
export interface LinearOp {
  readonly inSize: number;
  readonly outSize: number;
  readonly fan: (i: number, emit: (o: number, weight: number) => void) => void;
  /** Seconds, for each element (a Delay node). */
  readonly delay?: number | Float64Array;
  /** The operation alone, as one of a projection's rules, with the factor on its weights. */
  readonly rule?: { readonly rule: Rule; readonly weight: number | Float64Array };
  /** Added to every output element. */
  readonly bias?: Float64Array;
}

/** Undefined for nodes that pass on what they get (Flatten, nested Input and Output). */
export function linearOp(flat: FlatNode, shapes: NodeShapes): LinearOp | undefined {
  const sizes = { inSize: sizeOf(shapes.input), outSize: sizeOf(shapes.output) };
  switch (flat.node.type) {
    case 'Affine':
    case 'Linear':
      return { ...sizes, ...dense(flat, sizes), bias: biasOf(flat, shapes) };
    case 'Scale': {
      const scale = spread(numbers(flat, 'scale'), shapes.input);
      const at = typeof scale === 'number' ? () => scale : (i: number) => scale[i];
      return {
        ...sizes,
        fan: (i, emit) => emit(i, at(i)),
        rule: { rule: { kind: 'one_to_one' }, weight: scale },
      };
    }
    case 'Delay':
      return { ...sizes, fan: (i, emit) => emit(i, 1), delay: spread(numbers(flat, 'delay'), shapes.input) };
    case 'Conv1d':
    case 'Conv2d':
    case 'SumPool2d':
    case 'AvgPool2d': {
      const { rule, weight } = window(flat, shapes);
      return {
        ...sizes,
        fan: convFan(rule, weight, shapes),
        rule: { rule, weight },
        bias: biasOf(flat, shapes),
      };
    }
    default:
      return undefined;
  }
}

function dense(flat: FlatNode, sizes: { inSize: number; outSize: number }): Pick<LinearOp, 'fan' | 'rule'> {
  const { shape, values } = numbers(flat, 'weight');
  const [rows, columns] = shape.slice(-2);
  // A weight of more than two dimensions is one matrix for each element of the leading ones, as in NumPy's matmul.
  const fan: LinearOp['fan'] = (i, emit) => {
    const block = Math.floor(i / columns);
    for (let o = 0; o < rows; o++) {
      const w = values[(block * rows + o) * columns + (i % columns)];
      if (w !== 0) emit(block * rows + o, w);
    }
  };
  const whole = rows === sizes.outSize && columns === sizes.inSize;
  return whole ? { fan, rule: { rule: { kind: 'dense', matrix: values }, weight: 1 } } : { fan };
}

type ConvRule = Rule & { readonly kind: 'conv' };

function window(flat: FlatNode, shapes: NodeShapes): { readonly rule: ConvRule; readonly weight: number } {
  const { kernel: kernelShape, stride, dilation, padding } = windowOf(flat);
  const [inChannels, ...inputShape] = shapes.input;
  const outChannels = shapes.output[0];
  const pools = flat.node.type === 'SumPool2d' || flat.node.type === 'AvgPool2d';
  const rule: ConvRule = {
    kind: 'conv',
    kernel: pools
      ? new Float64Array(outChannels * sizeOf(kernelShape)).fill(1)
      : numbers(flat, 'weight').values,
    kernelShape,
    inChannels,
    outChannels,
    inputShape,
    stride,
    padding,
    dilation,
    groups: pools ? inChannels : numbers(flat, 'groups').values[0],
  };
  // Padding counts as zeros in the average, as in PyTorch.
  return { rule, weight: flat.node.type === 'AvgPool2d' ? 1 / sizeOf(kernelShape) : 1 };
}

/** Which output positions an input position reaches, and through which part of the kernel: the transpose of the convolution. */
function convFan(rule: ConvRule, weight: number, shapes: NodeShapes): LinearOp['fan'] {
  const { kernel, inChannels, outChannels, groups } = rule;
  const two = (numbers: readonly number[], fill: number): readonly [number, number] =>
    numbers.length === 1 ? [fill, numbers[0]] : [numbers[0], numbers[1]];
  const [inRows, inColumns] = two(rule.inputShape, 1);
  const [outRows, outColumns] = two(shapes.output.slice(1), 1);
  const [kernelRows, kernelColumns] = two(rule.kernelShape, 1);
  const [strideRow, strideColumn] = two(rule.stride, 1);
  const [dilationRow, dilationColumn] = two(rule.dilation, 1);
  const [padRow, padColumn] = two(
    rule.padding.map(([before]) => before),
    0,
  );
  const [inPerGroup, outPerGroup] = [inChannels / groups, outChannels / groups];
  return (i, emit) => {
    const column = i % inColumns;
    const row = Math.floor(i / inColumns) % inRows;
    const channel = Math.floor(i / (inColumns * inRows));
    const group = Math.floor(channel / inPerGroup);
    for (let a = 0; a < kernelRows; a++) {
      const outRow = (row + padRow - a * dilationRow) / strideRow;
      if (!Number.isInteger(outRow) || outRow < 0 || outRow >= outRows) continue;
      for (let b = 0; b < kernelColumns; b++) {
        const outColumn = (column + padColumn - b * dilationColumn) / strideColumn;
        if (!Number.isInteger(outColumn) || outColumn < 0 || outColumn >= outColumns) continue;
        for (let k = 0; k < outPerGroup; k++) {
          const out = group * outPerGroup + k;
          const w =
            kernel[((out * inPerGroup + (channel % inPerGroup)) * kernelRows + a) * kernelColumns + b];
          if (w !== 0) emit((out * outRows + outRow) * outColumns + outColumn, weight * w);
        }
      }
    }
  };
}

function biasOf(flat: FlatNode, shapes: NodeShapes): Float64Array | undefined {
  if (flat.node.fields.bias === undefined) return undefined;
  const bias = numbers(flat, 'bias');
  if (bias.values.every((b) => b === 0)) return undefined;
  const size = sizeOf(shapes.output);
  if (flat.node.type === 'Affine') {
    const values = spread(bias, shapes.output);
    return typeof values === 'number' ? new Float64Array(size).fill(values) : values;
  }
  const perChannel = size / shapes.output[0];
  return Float64Array.from({ length: size }, (_, o) => bias.values[Math.floor(o / perChannel)]);
}

/** y = op x, without bias. */
export function applyOp(op: LinearOp, x: Float64Array): Float64Array {
  const y = new Float64Array(op.outSize);
  for (let i = 0; i < x.length; i++) {
    if (x[i] === 0) continue;
    op.fan(i, (o, w) => {
      y[o] += w * x[i];
    });
  }
  return y;
}

export type Lowered = Pick<Projection, 'rule' | 'weight' | 'delayNs'>;

/** Nanoseconds for a Delay node's seconds. */
export type DelayNs = (seconds: number) => number;

/**
 * A chain of linear operations as one projection. A single one keeps its rule; several are multiplied out, to explicit synapses or to a
 * matrix, whichever takes fewer bytes. Synapses come in order of (source, target, delay).
 * @param fail Called when they are more than can be held.
 */
export function lowerChain(
  ops: readonly LinearOp[],
  size: number,
  delayNs: DelayNs,
  fail: (message: string) => never,
): Lowered {
  const uniform = ops.every((op) => op.delay === undefined || typeof op.delay === 'number');
  const constant = uniform
    ? ops.reduce((sum, op) => sum + delayNs((op.delay as number | undefined) ?? 0), 0)
    : 0;
  const rest = uniform ? ops.filter((op) => op.delay === undefined) : ops;
  if (rest.length === 0) return { rule: { kind: 'one_to_one' }, weight: 1, delayNs: constant };
  if (rest.length === 1 && rest[0].rule !== undefined) return { ...rest[0].rule, delayNs: constant };
  if (rest.length === 1 && ops.length === 1 && rest[0].delay instanceof Float64Array) {
    return { rule: { kind: 'one_to_one' }, weight: 1, delayNs: rest[0].delay.map(delayNs) };
  }
  return multiplyOut(rest, size, uniform ? constant : undefined, delayNs, fail);
}

const PAIR_BYTES = 4 + 4 + 8;
/** Synapses of a chain: a gigabyte while they are put together. */
const MOST_PAIRS = 2 ** 25;

function multiplyOut(
  ops: readonly LinearOp[],
  inSize: number,
  constantNs: number | undefined,
  delayNs: DelayNs,
  fail: (message: string) => never,
): Lowered {
  const outSize = ops[ops.length - 1].outSize;
  const [sources, targets, weights, delays]: number[][] = [[], [], [], []];
  for (let s = 0; s < inSize; s++) {
    for (const { at, weight, delay } of fanOut(ops, s, delayNs)) {
      sources.push(s);
      targets.push(at);
      weights.push(weight);
      delays.push(delay);
    }
    if (sources.length > MOST_PAIRS) {
      fail(`ends a chain of linear nodes that is more than ${MOST_PAIRS} synapses, expected fewer`);
    }
  }
  if (constantNs !== undefined && sources.length * PAIR_BYTES > outSize * inSize * 8) {
    const matrix = new Float64Array(outSize * inSize);
    for (let i = 0; i < sources.length; i++) matrix[targets[i] * inSize + sources[i]] = weights[i];
    return { rule: { kind: 'dense', matrix }, weight: 1, delayNs: constantNs };
  }
  return {
    rule: { kind: 'pairs', sources: Uint32Array.from(sources), targets: Uint32Array.from(targets) },
    weight: Float64Array.from(weights),
    delayNs: constantNs ?? Float64Array.from(delays),
  };
}

interface Entry {
  readonly at: number;
  readonly weight: number;
  readonly delay: number;
}

/** Everything that element s of the source reaches through all operations; paths of equal delay to one target are summed. */
function fanOut(ops: readonly LinearOp[], s: number, delayNs: DelayNs): Entry[] {
  let entries: Entry[] = [{ at: s, weight: 1, delay: 0 }];
  for (const op of ops) {
    const sums = new Map<number, Map<number, number>>();
    for (const entry of entries) {
      const own =
        op.delay === undefined ? 0 : delayNs(typeof op.delay === 'number' ? op.delay : op.delay[entry.at]);
      const delay = entry.delay + own;
      const into = sums.get(delay) ?? new Map<number, number>();
      sums.set(delay, into);
      op.fan(entry.at, (o, w) => into.set(o, (into.get(o) ?? 0) + entry.weight * w));
    }
    entries = [];
    for (const [delay, sum] of sums) {
      for (const [at, weight] of sum) if (weight !== 0) entries.push({ at, weight, delay });
    }
    entries.sort((a, b) => a.at - b.at || a.delay - b.delay);
  }
  return entries;
}
