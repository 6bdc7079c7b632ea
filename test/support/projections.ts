import fc from 'fast-check';
import type { Distribution, Graph, Projection, Rule, Value } from '../../graph/types.js';

/** A graph of populations a and b (of one neuron model) with one projection. For tests. */
export function oneProjection(
  sizes: { readonly a: number; readonly b: number },
  projection: Partial<Projection> & { readonly rule: Rule },
): Graph {
  const population = (name: string, size: number): Graph['populations'][number] => ({
    name,
    model: 'iaf_psc_delta',
    size,
    shape: [size],
    params: {},
    initial: {},
  });
  return {
    name: 'test',
    populations: [population('a', sizes.a), population('b', sizes.b)],
    projections: [
      {
        name: 'p',
        source: 'a',
        target: 'b',
        weight: 1,
        delayNs: 1_000_000,
        allowAutapses: true,
        allowMultapses: true,
        ...projection,
      },
    ],
    stimuli: [],
    recordings: [],
    defaults: {},
    metadata: {},
  };
}

const finite = (min: number, max: number): fc.Arbitrary<number> => fc.double({ min, max, noNaN: true });

const distribution: fc.Arbitrary<Distribution> = fc.oneof(
  fc.record(
    {
      kind: fc.constant('normal' as const),
      mean: finite(-5, 5),
      std: finite(0, 3),
      min: finite(-9, -1),
      max: finite(1, 9),
    },
    { requiredKeys: ['kind', 'mean', 'std'] },
  ),
  fc.record(
    { kind: fc.constant('lognormal' as const), mu: finite(-2, 2), sigma: finite(0, 1), max: finite(1, 9) },
    { requiredKeys: ['kind', 'mu', 'sigma'] },
  ),
  fc.record({ kind: fc.constant('uniform' as const), low: finite(-3, 0), high: finite(0.5, 4) }),
);

const drawnDelay: fc.Arbitrary<Distribution> = fc.oneof(
  fc.record({ kind: fc.constant('normal' as const), mean: finite(1e6, 2e6), std: finite(0, 1e6) }),
  fc.record({ kind: fc.constant('uniform' as const), low: fc.constant(0), high: finite(1e5, 3e6) }),
);

function listed(length: number, element: fc.Arbitrary<number>): fc.Arbitrary<Float64Array> {
  return fc.array(element, { minLength: length, maxLength: length }).map((list) => Float64Array.from(list));
}

const DT_NS = 100_000;

function values(length: number | undefined, own: boolean): fc.Arbitrary<{ weight: Value; delayNs: Value }> {
  const step = fc.integer({ min: 0, max: 30 }).map((steps) => steps * DT_NS);
  const factor = finite(-4, 4);
  const weights: fc.Arbitrary<Value>[] = own ? [factor] : [factor, distribution];
  const delays: fc.Arbitrary<Value>[] = [step, drawnDelay];
  if (length !== undefined) {
    weights.push(listed(length, factor));
    delays.push(listed(length, step));
  }
  return fc.record({ weight: fc.oneof(...weights), delayNs: fc.oneof(...delays) });
}

/** Small graphs with one projection of any rule, with any kind of weights and delays on a grid of 0.1 ms. For tests. */
export const anyProjection: fc.Arbitrary<Graph> = fc
  .record({
    a: fc.integer({ min: 1, max: 30 }),
    b: fc.integer({ min: 1, max: 30 }),
    self: fc.boolean(),
    allowAutapses: fc.boolean(),
    allowMultapses: fc.boolean(),
    kind: fc.constantFrom(
      'all_to_all',
      'one_to_one',
      'fixed_probability',
      'fixed_indegree',
      'fixed_outdegree',
      'fixed_total_number',
      'pairs',
      'dense',
      'conv',
    ),
    amount: finite(0, 1),
  })
  .chain((shape) => {
    const { allowAutapses, allowMultapses, kind, amount } = shape;
    const a = shape.a;
    const self = shape.self && kind !== 'conv';
    const b = self || kind === 'one_to_one' ? a : shape.b;
    const less = self && !allowAutapses ? 1 : 0;
    const most = (choices: number): number =>
      Math.floor((allowMultapses && choices > 0 ? 3 * choices : choices) * amount);
    const rest = { allowAutapses, allowMultapses, target: self ? 'a' : 'b' };
    const graph = (rule: Rule, length?: number): fc.Arbitrary<Graph> =>
      values(length, rule.kind === 'dense' || rule.kind === 'conv').map((v) =>
        oneProjection({ a, b }, { ...rest, ...v, rule }),
      );
    switch (kind) {
      case 'all_to_all':
        return graph({ kind }, a * b);
      case 'one_to_one':
        return graph({ kind }, b);
      case 'fixed_probability':
        return graph({ kind, p: amount });
      case 'fixed_indegree': {
        const indegree = most(a - less);
        return graph({ kind, indegree }, b * indegree);
      }
      case 'fixed_outdegree':
        return graph({ kind, outdegree: most(b - less) });
      case 'fixed_total_number':
        return graph({ kind, n: most((a - less) * b) });
      case 'pairs':
        return fc.array(fc.tuple(fc.nat(a - 1), fc.nat(b - 1)), { maxLength: 60 }).chain((list) =>
          graph(
            {
              kind,
              sources: Uint32Array.from(list, ([s]) => s),
              targets: Uint32Array.from(list, ([, t]) => t),
            },
            list.length,
          ),
        );
      case 'dense':
        return listed(a * b, fc.oneof(fc.constant(0), finite(-2, 2))).chain((matrix) =>
          graph({ kind, matrix }),
        );
      default:
        return anyConv;
    }
  });

const anyConv: fc.Arbitrary<Graph> = fc
  .record({
    dimensions: fc.constantFrom(1, 2),
    groups: fc.constantFrom(1, 2),
    inPerGroup: fc.integer({ min: 1, max: 2 }),
    outPerGroup: fc.integer({ min: 1, max: 2 }),
    kernel: fc.tuple(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 3 })),
    input: fc.tuple(fc.integer({ min: 5, max: 7 }), fc.integer({ min: 5, max: 7 })),
    stride: fc.tuple(fc.integer({ min: 1, max: 2 }), fc.integer({ min: 1, max: 3 })),
    before: fc.tuple(fc.nat(2), fc.nat(2)),
    after: fc.tuple(fc.nat(2), fc.nat(2)),
    dilation: fc.tuple(fc.integer({ min: 1, max: 2 }), fc.integer({ min: 1, max: 2 })),
  })
  .chain((c) => {
    const d = c.dimensions;
    const kernelShape = c.kernel.slice(0, d);
    const inputShape = c.input.slice(0, d);
    const stride = c.stride.slice(0, d);
    const dilation = c.dilation.slice(0, d);
    const padding = c.before.slice(0, d).map((before, i) => [before, c.after[i]] as const);
    const outChannels = c.groups * c.outPerGroup;
    const inChannels = c.groups * c.inPerGroup;
    const output = inputShape.map(
      (n, i) =>
        Math.floor((n + padding[i][0] + padding[i][1] - dilation[i] * (kernelShape[i] - 1) - 1) / stride[i]) +
        1,
    );
    const product = (list: readonly number[]): number => list.reduce((x, y) => x * y, 1);
    return fc
      .tuple(
        listed(outChannels * c.inPerGroup * product(kernelShape), fc.oneof(fc.constant(0), finite(-2, 2))),
        values(undefined, true),
      )
      .map(([kernel, v]) =>
        oneProjection(
          { a: inChannels * product(inputShape), b: outChannels * product(output) },
          {
            ...v,
            rule: {
              kind: 'conv',
              kernel,
              kernelShape,
              inChannels,
              outChannels,
              inputShape,
              stride,
              padding,
              dilation,
              groups: c.groups,
            },
          },
        ),
      );
  });
