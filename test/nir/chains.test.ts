import fc from 'fast-check';
import { expect, test } from 'vitest';
import { lowerNir, type NirNode, nirArray } from '../../graph/import/nir/index.js';
import { DT_NS, graphOf, input, ints, node, output, scalar } from './build.js';
import { inputSpikes, run } from './run.js';

/** A tensor [channels, rows, columns] as a function of its indices. */
type Tensor = { readonly shape: readonly number[]; readonly at: (...index: number[]) => number };
const tensor = (shape: readonly number[], values: ArrayLike<number>): Tensor => ({
  shape,
  at: (c, y, x) =>
    y < 0 || x < 0 || y >= shape[1] || x >= shape[2] ? 0 : values[(c * shape[1] + y) * shape[2] + x],
});

/** PyTorch's definition of a two-dimensional convolution, one output at a time. */
function convolve(input: Tensor, spec: Conv): { readonly shape: number[]; readonly values: number[] } {
  const { weight, groups, stride, dilation, before, after, outChannels, kernel } = spec;
  const size = (d: 0 | 1): number =>
    Math.floor((input.shape[d + 1] + before[d] + after[d] - dilation[d] * (kernel[d] - 1) - 1) / stride[d]) +
    1;
  const shape = [outChannels, size(0), size(1)];
  const inPerGroup = input.shape[0] / groups;
  const values: number[] = [];
  for (let o = 0; o < outChannels; o++) {
    const first = Math.floor(o / (outChannels / groups)) * inPerGroup;
    for (let y = 0; y < shape[1]; y++) {
      for (let x = 0; x < shape[2]; x++) {
        let sum = 0;
        for (let i = 0; i < inPerGroup; i++) {
          for (let a = 0; a < kernel[0]; a++) {
            for (let b = 0; b < kernel[1]; b++) {
              const w = weight[((o * inPerGroup + i) * kernel[0] + a) * kernel[1] + b];
              const [row, column] = [
                y * stride[0] + a * dilation[0] - before[0],
                x * stride[1] + b * dilation[1] - before[1],
              ];
              sum += w * input.at(first + i, row, column);
            }
          }
        }
        values.push(sum);
      }
    }
  }
  return { shape, values };
}

interface Conv {
  readonly weight: readonly number[];
  readonly outChannels: number;
  readonly groups: number;
  readonly kernel: readonly [number, number];
  readonly stride: readonly [number, number];
  readonly dilation: readonly [number, number];
  readonly before: readonly [number, number];
  readonly after: readonly [number, number];
}

const small = fc.integer({ min: -8, max: 8 }).map((n) => n / 8);
const weights = (count: number): fc.Arbitrary<number[]> =>
  fc.array(small, { minLength: count, maxLength: count });
const pair = (min: number, max: number): fc.Arbitrary<[number, number]> =>
  fc.tuple(fc.integer({ min, max }), fc.integer({ min, max }));

/** A convolution, then perhaps a pool, then perhaps an Affine or a Scale, on a random frame. */
const scenario = fc
  .record({
    groups: fc.integer({ min: 1, max: 2 }),
    inPerGroup: fc.integer({ min: 1, max: 2 }),
    outPerGroup: fc.integer({ min: 1, max: 2 }),
    space: pair(4, 6),
    kernel: pair(1, 3),
    stride: pair(1, 2),
    dilation: pair(1, 2),
    padding: fc.oneof(fc.constantFrom<'same' | 'valid'>('same', 'valid'), pair(0, 2)),
    pool: fc.option(
      fc.record({
        type: fc.constantFrom<'SumPool2d' | 'AvgPool2d'>('SumPool2d', 'AvgPool2d'),
        padding: pair(0, 1),
      }),
    ),
    last: fc.constantFrom('none', 'affine', 'scale'),
  })
  .map((s) => (s.padding === 'same' ? { ...s, stride: [1, 1] as [number, number] } : s))
  .filter((s) => s.kernel.every((k, d) => s.dilation[d] * (k - 1) < s.space[d]))
  .chain((s) => {
    const [inChannels, outChannels] = [s.groups * s.inPerGroup, s.groups * s.outPerGroup];
    return fc.record({
      spec: fc.constant({ ...s, inChannels, outChannels }),
      weight: weights(outChannels * s.inPerGroup * s.kernel[0] * s.kernel[1]),
      bias: weights(outChannels),
      frame: weights(inChannels * s.space[0] * s.space[1]),
      extra: weights(400),
    });
  });

test('a chain of linear nodes is one projection that computes the same, biases included', () => {
  fc.assert(
    fc.property(scenario, ({ spec, weight, bias, frame, extra }) => {
      const { kernel, stride, dilation, groups, padding, outChannels, inChannels, space } = spec;
      const same = kernel.map((k, d) => dilation[d] * (k - 1));
      const before =
        typeof padding === 'string' ? same.map((t) => (padding === 'same' ? Math.floor(t / 2) : 0)) : padding;
      const after =
        typeof padding === 'string' ? same.map((t) => (padding === 'same' ? Math.ceil(t / 2) : 0)) : padding;
      const conv = { weight, outChannels, groups, kernel, stride, dilation } as const;
      const pads = { before: before as [number, number], after: after as [number, number] };
      let expected = convolve(tensor([inChannels, ...space], frame), { ...conv, ...pads });
      const perChannel = expected.shape[1] * expected.shape[2];
      expected = { ...expected, values: expected.values.map((v, i) => v + bias[Math.floor(i / perChannel)]) };
      const nodes: Record<string, NirNode> = {
        in: input(inChannels, ...space),
        conv: node('Conv2d', {
          weight: nirArray(weight, [outChannels, inChannels / groups, ...kernel]),
          bias: nirArray(bias),
          stride: ints(...stride),
          dilation: ints(...dilation),
          padding: typeof padding === 'string' ? padding : ints(...padding),
          groups: scalar(groups),
        }),
      };
      if (spec.pool !== null && expected.shape.slice(1).every((n) => n >= 2)) {
        nodes.pool = node(spec.pool.type, {
          kernel_size: ints(2, 2),
          stride: scalar(2),
          padding: ints(...spec.pool.padding),
        });
        const channels = expected.shape[0];
        const scale = spec.pool.type === 'AvgPool2d' ? 0.25 : 1;
        expected = convolve(tensor(expected.shape, expected.values), {
          weight: Array<number>(channels * 4).fill(scale),
          outChannels: channels,
          groups: channels,
          kernel: [2, 2],
          stride: [2, 2],
          dilation: [1, 1],
          before: spec.pool.padding,
          after: spec.pool.padding,
        });
      }
      const size = expected.values.length;
      if (spec.last === 'affine') {
        nodes.flat = node('Flatten', { start_dim: scalar(0), end_dim: scalar(-1) });
        const w = (o: number, i: number): number => extra[(o * 7 + i * 3) % extra.length];
        nodes.affine = node('Affine', {
          weight: nirArray(
            Array.from({ length: 3 * size }, (_, k) => w(Math.floor(k / size), k % size)),
            [3, size],
          ),
          bias: nirArray([0.5, 0, -0.25]),
        });
        const values = [0.5, 0, -0.25].map((b, o) =>
          expected.values.reduce((sum, v, i) => sum + w(o, i) * v, b),
        );
        expected = { shape: [3], values };
      }
      if (spec.last === 'scale') {
        nodes.scale = node('Scale', { scale: nirArray(extra.slice(0, size), expected.shape) });
        expected = { ...expected, values: expected.values.map((v, i) => v * extra[i]) };
      }
      nodes.out = output(...expected.shape);
      const graph = lowerNir(graphOf(nodes), { dtNs: DT_NS });
      expect(graph.projections).toHaveLength(1);
      const events = frame.flatMap((value, neuron) => (value === 0 ? [] : [{ value, neuron }]));
      const stimulus = inputSpikes(
        'in',
        {
          steps: events.map(() => 0),
          neurons: events.map((e) => e.neuron),
          values: events.map((e) => e.value),
        },
        DT_NS,
      );
      const found = run({ ...graph, stimuli: [stimulus] }, DT_NS, 1).states.get('out.value') ?? [];
      expect(found).toHaveLength(expected.values.length);
      found.forEach((value, i) => {
        expect(value).toBeCloseTo(expected.values[i], 9);
      });
    }),
    { numRuns: 150 },
  );
});
