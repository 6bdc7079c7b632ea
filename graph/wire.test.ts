import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { GraphSchema } from '../proto/gen/nil/v1/graph_pb.js';
import { bytesOfFloat64 } from './bytes.js';
import { InputError } from './errors.js';
import type { Graph, Population, Projection, Recording, Rule, Stimulus, Value } from './types.js';
import { graphFromBytes, graphToBytes } from './wire.js';

const number = fc.double({ noNaN: true, noDefaultInfinity: true });
// Not "constructor": the comparison would take the key for the object's class.
const name = fc
  .string({ minLength: 1, maxLength: 12, unit: 'grapheme' })
  .filter((text) => text !== 'constructor' && text !== '__proto__');
const uint32 = fc.integer({ min: 0, max: 2 ** 32 - 1 });
const ns = fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER });
const floats = fc.array(number, { maxLength: 8 }).map((xs) => Float64Array.from(xs));
const indices = fc.array(uint32, { maxLength: 8 }).map((xs) => Uint32Array.from(xs));
const small = fc.array(fc.integer({ min: 0, max: 9 }), { minLength: 1, maxLength: 2 });
/** Optional keys are absent, not undefined: the wire keeps that. */
const record = <T extends object>(
  model: { [K in keyof T]-?: fc.Arbitrary<Exclude<T[K], undefined>> },
  required: (keyof T)[],
) => fc.record(model, { requiredKeys: required as never }) as unknown as fc.Arbitrary<T>;

const range = fc.record({ begin: uint32, end: uint32 });
const value: fc.Arbitrary<Value> = fc.oneof(
  number,
  floats,
  record({ kind: fc.constant('normal' as const), mean: number, std: number, min: number, max: number }, [
    'kind',
    'mean',
    'std',
  ]),
  record({ kind: fc.constant('lognormal' as const), mu: number, sigma: number, min: number, max: number }, [
    'kind',
    'mu',
    'sigma',
  ]),
  fc.record({ kind: fc.constant('uniform' as const), low: number, high: number }),
) as fc.Arbitrary<Value>;
const values = fc
  .uniqueArray(fc.tuple(name, value), { selector: ([key]) => key, maxLength: 4 })
  .map((entries) => Object.fromEntries(entries.filter(([key]) => key !== '__proto__')));

const population = record<Population>(
  {
    name,
    model: name,
    size: uint32,
    shape: fc.array(uint32, { maxLength: 3 }),
    params: values,
    initial: values,
    placement: name,
  },
  ['name', 'model', 'size', 'shape', 'params', 'initial'],
);

const rule: fc.Arbitrary<Rule> = fc.oneof(
  fc.constantFrom<Rule>({ kind: 'all_to_all' }, { kind: 'one_to_one' }),
  fc.record({ kind: fc.constant('fixed_probability' as const), p: number }),
  fc.record({ kind: fc.constant('fixed_indegree' as const), indegree: uint32 }),
  fc.record({ kind: fc.constant('fixed_outdegree' as const), outdegree: uint32 }),
  fc.record({ kind: fc.constant('fixed_total_number' as const), n: ns }),
  fc.record({ kind: fc.constant('pairs' as const), sources: indices, targets: indices }),
  fc.record({ kind: fc.constant('dense' as const), matrix: floats }),
  fc.record({
    kind: fc.constant('conv' as const),
    kernel: floats,
    kernelShape: small,
    inChannels: uint32,
    outChannels: uint32,
    inputShape: small,
    stride: small,
    padding: fc.array(fc.tuple(uint32, uint32), { maxLength: 2 }),
    dilation: small,
    groups: uint32,
  }),
);

const projection = record<Projection>(
  {
    name,
    source: name,
    target: name,
    rule,
    weight: value,
    delayNs: value,
    receptor: name,
    allowAutapses: fc.boolean(),
    allowMultapses: fc.boolean(),
    synapse: record(
      {
        model: name,
        params: fc.dictionary(name, number),
        learning: fc.array(fc.record({ beginNs: number, endNs: number }), { maxLength: 3 }),
      },
      ['model', 'params'],
    ),
  },
  ['name', 'source', 'target', 'rule', 'weight', 'delayNs', 'allowAutapses', 'allowMultapses'],
);

const stimulus = fc.oneof(
  record(
    {
      kind: fc.constant('poisson' as const),
      name,
      target: name,
      rateHz: value,
      weight: number,
      delayNs: ns,
      receptor: name,
      startNs: ns,
      stopNs: ns,
    },
    ['kind', 'name', 'target', 'rateHz', 'weight', 'delayNs'],
  ),
  record(
    {
      kind: fc.constant('inhomogeneous_poisson' as const),
      name,
      target: name,
      timesNs: floats,
      ratesHz: floats,
      weight: number,
      delayNs: ns,
      receptor: name,
    },
    ['kind', 'name', 'target', 'timesNs', 'ratesHz', 'weight', 'delayNs'],
  ),
  record(
    {
      kind: fc.constant('ac_current' as const),
      name,
      target: name,
      amplitude: number,
      offset: number,
      frequencyHz: number,
      phaseDeg: number,
      startNs: ns,
      stopNs: ns,
      range,
    },
    ['kind', 'name', 'target', 'amplitude', 'offset', 'frequencyHz', 'phaseDeg'],
  ),
  record(
    {
      kind: fc.constant('step_current' as const),
      name,
      target: name,
      timesNs: floats,
      amplitudes: floats,
      range,
    },
    ['kind', 'name', 'target', 'timesNs', 'amplitudes'],
  ),
  record(
    {
      kind: fc.constant('noise_current' as const),
      name,
      target: name,
      mean: number,
      std: number,
      intervalNs: ns,
      range,
    },
    ['kind', 'name', 'target', 'mean', 'std', 'intervalNs'],
  ),
  record(
    {
      kind: fc.constant('spikes' as const),
      name,
      target: name,
      timesNs: floats,
      neurons: indices,
      values: fc.array(fc.float({ noNaN: true }), { maxLength: 4 }).map((xs) => Float32Array.from(xs)),
    },
    ['kind', 'name', 'target', 'timesNs', 'neurons'],
  ),
) as fc.Arbitrary<Stimulus>;

const recording = fc.oneof(
  record({ kind: fc.constant('spikes' as const), population: name, range }, ['kind', 'population']),
  record(
    { kind: fc.constant('state' as const), population: name, variables: fc.array(name), everyNs: ns, range },
    ['kind', 'population', 'variables'],
  ),
) as fc.Arbitrary<Recording>;

const graph = fc.record({
  name,
  populations: fc.array(population, { maxLength: 3 }),
  projections: fc.array(projection, { maxLength: 3 }),
  stimuli: fc.array(stimulus, { maxLength: 3 }),
  recordings: fc.array(recording, { maxLength: 3 }),
  defaults: record<Graph['defaults']>({ dtNs: ns, durationNs: ns, seed: ns }, []),
  metadata: fc
    .array(fc.tuple(name, name))
    .map((entries) => Object.fromEntries(entries.filter(([key]) => key !== '__proto__'))),
}) as fc.Arbitrary<Graph>;

/** fast-check makes some records without a prototype; the graph's are ordinary. */
const plain = (g: Graph): Graph => structuredClone(g);

describe('the graph on the wire', () => {
  it('gives back what was put in, bit by bit', () => {
    fc.assert(
      fc.property(graph, (g) => {
        expect(plain(graphFromBytes(graphToBytes(g)))).toStrictEqual(plain(g));
      }),
      { numRuns: 300 },
    );
  });

  it('reads a message that starts at an odd address', () => {
    const g = { ...EMPTY, projections: [dense(Float64Array.of(0.1, -0, 5e-324))] };
    const bytes = graphToBytes(g);
    const shifted = new Uint8Array(bytes.length + 1);
    shifted.set(bytes, 1);
    expect(graphFromBytes(shifted.subarray(1))).toStrictEqual(g);
  });

  it('refuses what is no graph, is cut short, or has half a number', () => {
    const bytes = graphToBytes({ ...EMPTY, projections: [dense(Float64Array.of(1, 2))] });
    expect(() => graphFromBytes(new Uint8Array([1, 2, 3]))).toThrow(InputError);
    expect(() => graphFromBytes(bytes.subarray(0, bytes.length - 3))).toThrow(InputError);
    expect(() => graphFromBytes(new Uint8Array())).toThrow(/found format 0, expected 1/);
  });

  it('refuses a window of learning without an end, and what should be JSON', () => {
    const synapse = { model: 's', params: {}, learning: [{ beginNs: 0, endNs: 1 }] };
    const bytes = graphToBytes({ ...EMPTY, projections: [{ ...dense(Float64Array.of(1)), synapse }] });
    const odd = fromBinary(GraphSchema, bytes);
    const [{ synapse: use }] = odd.projections;
    if (use !== undefined) use.learningNs = bytesOfFloat64(Float64Array.of(0, 1, 2));
    expect(() => graphFromBytes(toBinary(GraphSchema, odd))).toThrow(
      'found 3 ends of windows of learning, expected a begin and an end for each',
    );
    for (const config of ['{', '[]', 'null']) {
      const bad = create(GraphSchema, { format: 1, adapters: [{ name: 'cam', kind: 'dvs', config }] });
      expect(() => graphFromBytes(toBinary(GraphSchema, bad))).toThrow("graph message: adapter 'cam': found");
    }
  });
});

const EMPTY: Graph = {
  name: 'g',
  populations: [],
  projections: [],
  stimuli: [],
  recordings: [],
  defaults: {},
  metadata: {},
};

function dense(matrix: Float64Array): Projection {
  return {
    name: 'p',
    source: 'a',
    target: 'b',
    rule: { kind: 'dense', matrix },
    weight: 1,
    delayNs: 0,
    allowAutapses: true,
    allowMultapses: true,
  };
}
