import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { NIR_FILES, nirFile } from '../../../test/peers/nir/files.js';
import { GraphError, InputError } from '../../errors.js';
import { readNir } from '../../import/nir/index.js';
import type { NirArray, NirDict, NirGraph, NirNode, NirValue } from '../../import/nir/types.js';
import { nirArray } from '../../import/nir/types.js';
import { writeNir } from './write.js';

let dir = '';
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'nil-nir-'));
});
afterAll(() => rm(dir, { recursive: true }));

async function through(graph: NirGraph): Promise<NirGraph> {
  const path = join(dir, 'out.nir');
  await writeNir(graph, path);
  return readNir(path);
}

/** HDF5 keeps names in order of bytes; a Map remembers another one. */
function inOrder(graph: NirGraph): NirGraph {
  const nodes = [...graph.nodes].sort(([a], [b]) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
  return {
    ...graph,
    nodes: new Map(nodes.map(([name, node]) => [name, node.type === 'NIRGraph' ? inOrder(node) : node])),
  };
}

describe('real files', () => {
  test.each(NIR_FILES)('%s is the same after import, export, import', async (name) => {
    const graph = await readNir(nirFile(name));
    expect(graph.nodes.size).toBeGreaterThan(3);
    expect(await through(graph)).toEqual(graph);
  });
});

const dimension = fc.integer({ min: 1, max: 4 });
const float = fc.double({ min: -100, max: 100, noNaN: true });
const positive = fc.double({ min: 1e-4, max: 10, noNaN: true });

function arrayOf(shape: readonly number[], element: fc.Arbitrary<number>): fc.Arbitrary<NirArray> {
  const count = shape.reduce((a, b) => a * b, 1);
  return fc
    .tuple(fc.array(element, { minLength: count, maxLength: count }), fc.constantFrom('float32', 'float64'))
    .map(([values, dtype]) =>
      nirArray(dtype === 'float32' ? values.map(Math.fround) : values, shape, dtype as 'float32'),
    );
}

const shapes = fc.constantFrom<readonly number[]>([], [1], [3], [2, 3]);
const ints = (values: readonly number[]): NirArray => nirArray(values, [values.length], 'int64');

const metadataValue: fc.Arbitrary<NirValue> = fc.oneof(
  fc.string({ unit: 'grapheme' }).filter((text) => !text.includes('\0')),
  shapes.chain((shape) => arrayOf(shape, float)),
  fc.constant<NirValue>({ dtype: 'string', shape: [2], values: ['a', 'ü'] }),
  fc.constant<NirValue>({ inner: nirArray(3, [], 'int64') }),
);
const metadata: fc.Arbitrary<NirDict> = fc.oneof(
  fc.constant({}),
  fc.dictionary(fc.stringMatching(/^[a-z_][a-z0-9_]{0,6}$/), metadataValue, {
    minKeys: 1,
    maxKeys: 3,
    noNullPrototype: true,
  }),
);

const node: fc.Arbitrary<NirNode> = fc
  .oneof(
    fc.tuple(dimension, dimension).chain(([o, i]) =>
      fc.record({
        type: fc.constant('Affine' as const),
        fields: fc.record({ weight: arrayOf([o, i], float), bias: arrayOf([o], float) }),
      }),
    ),
    shapes.chain((shape) =>
      fc.record({
        type: fc.constant('CubaLIF' as const),
        fields: fc.record(
          {
            tau_syn: arrayOf(shape, positive),
            tau_mem: arrayOf(shape, positive),
            r: arrayOf(shape, float),
            v_leak: arrayOf(shape, float),
            v_threshold: arrayOf(shape, float),
            v_reset: arrayOf(shape, float),
            w_in: arrayOf(shape, float),
          },
          { requiredKeys: ['tau_syn', 'tau_mem', 'r', 'v_leak', 'v_threshold'] },
        ),
      }),
    ),
    fc
      .constantFrom<NirArray | string>('same', 'valid', ints([1, 2]), nirArray(2, [], 'int64'))
      .chain((padding) =>
        fc.record({
          type: fc.constant('Conv2d' as const),
          fields: fc.record(
            {
              weight: arrayOf([2, 1, 3, 3], float),
              bias: arrayOf([2], float),
              stride: fc.constant(ints([1, 1])),
              dilation: fc.constant(nirArray(1, [], 'int32')),
              groups: fc.constant(nirArray(1, [], 'int64')),
              padding: fc.constant(padding),
              input_shape: fc.constant(ints([5, 6])),
            },
            { requiredKeys: ['weight', 'stride', 'dilation', 'groups', 'padding'] },
          ),
        }),
      ),
    shapes.chain((shape) =>
      fc.record({
        type: fc.constant('Delay' as const),
        fields: fc.record({ delay: arrayOf(shape, positive) }),
      }),
    ),
    fc.constant({ type: 'Input' as const, fields: { shape: ints([3]) } }),
  )
  .chain((base) => metadata.map((dict) => ({ ...base, metadata: dict }) as NirNode));

const graphs: fc.Arbitrary<NirGraph> = fc.letrec<{ graph: NirGraph; member: NirNode | NirGraph }>((tie) => ({
  member: fc.oneof({ maxDepth: 2, depthSize: 'small' }, node, tie('graph')),
  graph: fc
    .array(fc.tuple(fc.stringMatching(/^[a-zA-Z0-9_][a-zA-Z0-9_.]{0,5}$/), tie('member')), { maxLength: 4 })
    .chain((members) => {
      const nodes = new Map(members);
      const names = [...nodes.keys()];
      const edge =
        names.length === 0 ? undefined : fc.tuple(fc.constantFrom(...names), fc.constantFrom(...names));
      return fc.record({
        type: fc.constant('NIRGraph' as const),
        nodes: fc.constant(nodes),
        edges: edge === undefined ? fc.constant([]) : fc.array(edge, { maxLength: 5 }),
        metadata,
      });
    }),
})).graph;

test('any graph is the same after export and import', async () => {
  await fc.assert(
    fc.asyncProperty(
      graphs,
      fc.option(fc.constantFrom('0.1.1', '1.0.8'), { nil: undefined }),
      async (graph, version) => {
        const root = version === undefined ? graph : { ...graph, version };
        expect(await through(root)).toEqual(inOrder(root));
      },
    ),
    { numRuns: 60 },
  );
});

test('a name that HDF5 has no place for, and a path that is not there', async () => {
  const empty = { type: 'NIRGraph', edges: [], metadata: {} } as const;
  const input: NirNode = { type: 'Input', fields: { shape: ints([1]) }, metadata: {} };
  const slash = { ...empty, nodes: new Map([['a/b', input]]) };
  await expect(writeNir(slash, join(dir, 'x.nir'))).rejects.toThrow(GraphError);
  await expect(writeNir({ ...empty, nodes: new Map() }, join(dir, 'none', 'x.nir'))).rejects.toThrow(
    InputError,
  );
});
