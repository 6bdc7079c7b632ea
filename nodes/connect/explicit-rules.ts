import { convOutputShape } from '../../graph/size.js';
import type { ConvRule, NeuronRange } from '../../graph/types.js';
import { type Ends, type Rows, startsOf, Uint32List } from './columns.js';
import { byTarget } from './random-rules.js';

/** Neuron i to neuron i. Element of an array: the target. */
export function oneToOne(ends: Ends, range: NeuronRange): Rows {
  const size = range.end - range.begin;
  const rowStart = startsOf(new Uint8Array(size).fill(ends.skipSelf ? 0 : 1));
  const sources = new Uint32Array(ends.skipSelf ? 0 : size);
  for (let j = 0; j < sources.length; j++) sources[j] = range.begin + j;
  return { begin: range.begin, rowStart, sources, elements: sources };
}

/** Sources in ascending order. Element of an array: target × number of sources + source, as NEST's matrix of weights. */
export function allToAll(ends: Ends, range: NeuronRange): Rows {
  const { skipSelf, sourceChoices } = ends;
  const size = range.end - range.begin;
  const rowStart = startsOf(new Float64Array(size).fill(sourceChoices));
  const sources = new Uint32Array(rowStart[size]);
  for (let j = 0; j < size; j++) {
    const target = range.begin + j;
    for (let k = 0; k < sourceChoices; k++) {
      sources[rowStart[j] + k] = skipSelf && k >= target ? k + 1 : k;
    }
  }
  return { begin: range.begin, rowStart, sources };
}

/** A target's synapses in the order in which the pairs state them. Element of an array: the pair's number. */
export function pairs(range: NeuronRange, sources: Uint32Array, targets: Uint32Array): Rows {
  const ownSources = new Uint32List();
  const ownTargets = new Uint32List();
  const numbers = new Uint32List();
  for (let i = 0; i < targets.length; i++) {
    if (targets[i] < range.begin || targets[i] >= range.end) continue;
    ownSources.push(sources[i]);
    ownTargets.push(targets[i]);
    numbers.push(i);
  }
  return byTarget(range, ownSources.view(), ownTargets.view(), numbers.view());
}

/** Rows of the matrix, sources in ascending order, zeros left out. */
export function dense(ends: Ends, range: NeuronRange, matrix: Float64Array, factor: number): Rows {
  const { source, skipSelf } = ends;
  const lengths = new Uint32Array(range.end - range.begin);
  const is = (target: number, s: number): boolean =>
    matrix[target * source.size + s] !== 0 && !(skipSelf && s === target);
  for (let j = 0; j < lengths.length; j++) {
    for (let s = 0; s < source.size; s++) if (is(range.begin + j, s)) lengths[j]++;
  }
  const rowStart = startsOf(lengths);
  const sources = new Uint32Array(rowStart[lengths.length]);
  const weights = new Float64Array(sources.length);
  for (let j = 0, at = 0; j < lengths.length; j++) {
    const target = range.begin + j;
    for (let s = 0; s < source.size; s++) {
      if (!is(target, s)) continue;
      sources[at] = s;
      weights[at++] = matrix[target * source.size + s] * factor;
    }
  }
  return { begin: range.begin, rowStart, sources, weights };
}

/** A convolution with both dimensions of space, the first of length 1 where there is only one. */
interface Space {
  readonly kernel: readonly [number, number];
  readonly input: readonly [number, number];
  readonly output: readonly [number, number];
  readonly stride: readonly [number, number];
  readonly before: readonly [number, number];
  readonly dilation: readonly [number, number];
}

export function spaceOf(rule: ConvRule): Space {
  const two = (list: readonly number[], missing: number): [number, number] =>
    list.length === 1 ? [missing, list[0]] : [list[0], list[1]];
  return {
    kernel: two(rule.kernelShape, 1),
    input: two(rule.inputShape, 1),
    output: two(convOutputShape(rule), 1),
    stride: two(rule.stride, 1),
    before: two(
      rule.padding.map(([before]) => before),
      0,
    ),
    dilation: two(rule.dilation, 1),
  };
}

/**
 * Visits the synapses of a convolution onto targets of `range` in ascending order of targets; each target's in the order of the
 * kernel: input channel, then place in the kernel, row-major. `element` is the kernel's. Zeros are left out.
 */
export function forEachConvSynapse(
  rule: ConvRule,
  range: NeuronRange,
  skipSelf: boolean,
  visit: (source: number, target: number, element: number) => void,
): void {
  const { kernel, input, output, stride, before, dilation } = spaceOf(rule);
  const channels = rule.inChannels / rule.groups;
  const perGroup = rule.outChannels / rule.groups;
  const plane = output[0] * output[1];
  for (let target = range.begin; target < range.end; target++) {
    const out = Math.floor(target / plane);
    const y = Math.floor((target % plane) / output[1]) * stride[0] - before[0];
    const x = (target % output[1]) * stride[1] - before[1];
    const firstChannel = Math.floor(out / perGroup) * channels;
    for (let c = 0; c < channels; c++) {
      for (let ky = 0; ky < kernel[0]; ky++) {
        const row = y + ky * dilation[0];
        if (row < 0 || row >= input[0]) continue;
        for (let kx = 0; kx < kernel[1]; kx++) {
          const column = x + kx * dilation[1];
          if (column < 0 || column >= input[1]) continue;
          const element = ((out * channels + c) * kernel[0] + ky) * kernel[1] + kx;
          const source = ((firstChannel + c) * input[0] + row) * input[1] + column;
          if (rule.kernel[element] !== 0 && !(skipSelf && source === target)) visit(source, target, element);
        }
      }
    }
  }
}

/** In the order of `forEachConvSynapse`. */
export function conv(ends: Ends, range: NeuronRange, rule: ConvRule, factor: number): Rows {
  const lengths = new Uint32Array(range.end - range.begin);
  const sources = new Uint32List();
  const elements = new Uint32List();
  forEachConvSynapse(rule, range, ends.skipSelf, (source, target, element) => {
    sources.push(source);
    elements.push(element);
    lengths[target - range.begin]++;
  });
  const weights = Float64Array.from(elements.view(), (element) => rule.kernel[element] * factor);
  return { begin: range.begin, rowStart: startsOf(lengths), sources: sources.view().slice(), weights };
}
