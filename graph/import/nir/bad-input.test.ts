import { mkdtemp, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Group, File as H5File, ready } from 'h5wasm/node';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { graphOf as chain, input, ints, output } from '../../../test/nir/build.js';
import { nirFile } from '../../../test/peers/nir/files.js';
import { InputError } from '../../errors.js';
import { writeNir } from '../../export/nir/write.js';
import { importNir, nirArray } from './index.js';
import type { NirArray, NirEdge, NirGraph, NirNode } from './types.js';

let dir = '';
let path = '';
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'nil-nir-bad-'));
  await ready;
});
// The HDF5 library may keep a damaged file open, so that each case has its own.
let files = 0;
beforeEach(() => {
  path = join(dir, `bad${files++}.nir`);
});
afterAll(() => rm(dir, { recursive: true }));

/** Promises one line that begins with the file and holds the text. */
async function expectRefusal(text: string, options: Parameters<typeof importNir>[1] = {}): Promise<void> {
  const error = await importNir(path, options).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(InputError);
  const { message, exitStatus } = error as InputError;
  expect(message).toContain(text);
  expect(message.startsWith(`${path}: `)).toBe(true);
  expect(message).not.toContain('\n');
  expect(exitStatus).toBe(2);
}

const node = (type: string, fields: Record<string, NirArray | string>, metadata = {}): NirNode =>
  ({ type, fields, metadata }) as NirNode;
const lif = (n: number, change: Record<string, NirArray> = {}): NirNode => {
  const all = (x: number): NirArray => nirArray(Array<number>(n).fill(x));
  return node('LIF', { tau: all(0.01), r: all(1), v_leak: all(0), v_threshold: all(1), ...change });
};
const linear = (o: number, i: number, change: Record<string, NirArray> = {}): NirNode =>
  node('Linear', { weight: nirArray(new Float64Array(o * i).fill(0.5), [o, i]), ...change });
const conv = (change: Record<string, NirArray | string> = {}): NirNode =>
  node('Conv2d', {
    weight: nirArray(new Float64Array(2 * 1 * 3 * 3), [2, 1, 3, 3]),
    bias: nirArray([0, 0]),
    stride: ints(1, 1),
    padding: ints(0, 0),
    dilation: ints(1, 1),
    groups: nirArray(1, [], 'int64'),
    input_shape: ints(5, 5),
    ...change,
  });

describe('files', () => {
  test('that are not there', async () => {
    await expectRefusal('found no such file, expected a NIR file');
  });

  test('that are no HDF5', async () => {
    await writeFile(path, 'populations: {}\n');
    await expectRefusal('is no HDF5 file');
    await writeFile(path, '');
    await expectRefusal('is no HDF5 file');
  });

  test.each([100, 2_000, 20_000])('that end after %d bytes', async (bytes) => {
    await writeFile(path, (await readFile(nirFile('braille_noDelay_bias_zero'))).subarray(0, bytes));
    await expectRefusal(`is truncated, found ${bytes} bytes, expected 34808`);
  });

  test('that are too large', async () => {
    await writeFile(path, await readFile(nirFile('lif_norse')));
    await truncate(path, 2 ** 31);
    await expectRefusal('has 2147483648 bytes, expected at most 1073741824');
  });

  test('whose content is damaged', async () => {
    const bytes = await readFile(nirFile('lif_norse'));
    bytes.fill(0xa5, 800);
    await writeFile(path, bytes);
    await expectRefusal('the HDF5 content is damaged');
  });

  test.each<[string, (root: Group) => void]>([
    ['group node: is missing', () => {}],
    [
      'node group node: is no group',
      (root) => root.create_dataset({ name: 'node', data: new Float64Array(1) }),
    ],
    ['group node field type: is missing', (root) => root.create_group('node')],
    ['root graph field nodes: is missing', (root) => text(root.create_group('node'), 'type', 'NIRGraph')],
    ['group node: is a LIF, expected a NIRGraph', (root) => text(root.create_group('node'), 'type', 'LIF')],
  ])('of HDF5 that are no NIR: %s', async (message, fill) => {
    const file = new H5File(path, 'w');
    fill(file);
    file.close();
    await expectRefusal(message.replace(/^node /, ''));
  });

  test('whose edges are no pairs', async () => {
    const file = new H5File(path, 'w');
    const root = file.create_group('node');
    text(root, 'type', 'NIRGraph');
    root.create_group('nodes');
    root.create_dataset({ name: 'edges', data: ['a', 'b', 'c'], shape: [3], dtype: 'S' });
    file.close();
    await expectRefusal('root graph field edges: found shape [3], expected [edges, 2]');
  });
});

function text(group: Group, name: string, value: string): void {
  group.create_dataset({ name, data: [value], shape: [], dtype: 'S' });
}

const NESTED = (edges: NirEdge[]): NirGraph => chain({ in: input(2), lif: lif(2), out: output(2) }, edges);

const CASES: readonly (readonly [string, NirGraph])[] = [
  [
    'node x: primitive "Alif" is unknown, expected one of Input,',
    chain({ a: input(1), x: node('Alif', {}) }),
  ],
  ['node x field tau: is missing, a LIF needs it', chain({ x: node('LIF', { r: nirArray([1]) }) })],
  ['node x field v_treshold: is no field of LIF', chain({ x: lif(1, { v_treshold: nirArray([1]) }) })],
  [
    'node w field weight: element 1 is NaN, expected a finite number',
    chain({ w: linear(1, 2, { weight: nirArray([1, Number.NaN], [1, 2]) }) }),
  ],
  [
    'node w field weight: element 0 is Infinity',
    chain({ w: linear(1, 1, { weight: nirArray([Number.POSITIVE_INFINITY], [1, 1]) }) }),
  ],
  ['node x field tau: element 0 is 0, expected more than 0', chain({ x: lif(1, { tau: nirArray([0]) }) })],
  [
    'node x field tau: element 0 is -0.01, expected more than 0',
    chain({ x: lif(1, { tau: nirArray([-0.01]) }) }),
  ],
  [
    'node d field delay: element 0 is -0.001, expected 0 or more',
    chain({ d: node('Delay', { delay: nirArray([-0.001]) }) }),
  ],
  [
    'node c field padding: found the string "full", expected numbers or same or valid',
    chain({ c: conv({ padding: 'full' }) }),
  ],
  ['node c field stride: element 1 is 0, expected 1 or more', chain({ c: conv({ stride: ints(1, 0) }) })],
  [
    'node c field stride: element 0 is 1.5, expected a whole number',
    chain({ c: conv({ stride: nirArray([1.5, 1]) }) }),
  ],
  [
    'node c field weight: shape [2,9] has 2 dimensions, expected 4',
    chain({ c: conv({ weight: nirArray(new Float64Array(18), [2, 9]) }) }),
  ],
  [
    'root graph field edges: edge a -> nowhere names "nowhere", expected one of a, b',
    chain({ a: input(1), b: output(1) }, [['a', 'nowhere']]),
  ],
  [
    'root graph field edges: edge ghost -> b names "ghost"',
    chain({ a: input(1), b: output(1) }, [['ghost', 'b']]),
  ],
  ['root graph field nodes: is empty', chain({})],
  [
    'node w field weight: takes shape [3], but node in gives [4]',
    chain({ in: input(4), w: linear(2, 3), out: output(2) }),
  ],
  [
    'node out field shape: takes shape [5], but node lif gives [2]',
    chain({ in: input(2), lif: lif(2), out: output(5) }),
  ],
  [
    'node w field weight: has shape [3], expected two dimensions',
    chain({ w: node('Linear', { weight: nirArray([1, 2, 3]) }) }),
  ],
  [
    'node w field bias: has shape [3], expected [2]',
    chain({ w: node('Affine', { weight: nirArray([1, 1], [2, 1]), bias: nirArray([1, 2, 3]) }) }),
  ],
  [
    'node x field tau: has shape [2], but other fields of the node have [3]',
    chain({ x: lif(2, { r: nirArray([1, 2, 3]) }) }),
  ],
  [
    'node lif field v_threshold: takes shape [3], but node in gives [2]',
    chain({ in: input(2), lif: lif(3) }),
  ],
  [
    'node c field weight: takes shape [1,5,5], but node in gives [2,5,5]',
    chain({ in: input(2, 5, 5), c: conv() }),
  ],
  [
    'node c field input_shape: takes shape [1,5,5], but node in gives [1,6,6]',
    chain({ in: input(1, 6, 6), c: conv() }),
  ],
  [
    'node c field weight: kernel [3,3] is larger than the padded input [2,2]',
    chain({ in: input(1, 2, 2), c: conv({ input_shape: ints(2, 2) }) }),
  ],
  [
    'node c field padding: "same" goes only with stride 1, found stride [2,2]',
    chain({ in: input(1, 5, 5), c: conv({ padding: 'same', stride: ints(2, 2) }) }),
  ],
  [
    "node c field groups: is 3, but 2 output channels don't divide by it",
    chain({ c: conv({ groups: nirArray(3, [], 'int64') }) }),
  ],
  [
    'node c field bias: has 3 numbers, expected one for each of 2 output channels',
    chain({ c: conv({ bias: nirArray([1, 2, 3]) }) }),
  ],
  [
    'node p field kernel_size: pools [channels, height, width], but is given shape [4]',
    chain({
      in: input(4),
      p: node('SumPool2d', { kernel_size: ints(2, 2), stride: ints(2, 2), padding: ints(0, 0) }),
    }),
  ],
  [
    'node f field end_dim: is 5, but the input has 2 dimensions',
    chain({
      in: input(2, 2),
      f: node('Flatten', { start_dim: nirArray(0, [], 'int64'), end_dim: nirArray(5, [], 'int64') }),
      out: output(4),
    }),
  ],
  [
    'node f field input_type: takes shape [3], but node in gives [2]',
    chain({
      in: input(2),
      f: node('Flatten', { start_dim: nirArray(0, [], 'int64'), input_type: ints(3) }),
      out: output(3),
    }),
  ],
  [
    'node p: its input shape is unknown',
    chain({ p: node('SumPool2d', { kernel_size: ints(2, 2), stride: ints(2, 2), padding: ints(0, 0) }) }),
  ],
  [
    'node a: is in a cycle without neurons (a -> b -> a)',
    chain({ a: linear(2, 2), b: linear(2, 2), lif: lif(2) }, [
      ['a', 'b'],
      ['b', 'a'],
      ['a', 'lif'],
    ]),
  ],
  [
    'node d field delay: a delay of 0.25 ms is no multiple of dt, 0.1 ms',
    chain({ in: input(1), d: node('Delay', { delay: nirArray([0.00025]) }), lif: lif(1) }),
  ],
  [
    'node x field metadata.reset: is "hard", expected v_reset, subtract, zero',
    chain({ x: { ...lif(1), metadata: { reset: 'hard' } } }),
  ],
  [
    'node sub: has no Input, expected one for the edge in -> sub',
    chain({ in: input(2), sub: chain({ lif: lif(2) }), out: output(2) }),
  ],
  [
    'node sub: has 2 Input nodes (a, b), expected one for the edge in -> sub',
    chain({
      in: input(2),
      sub: chain({ a: input(2), b: input(2), lif: lif(2), out: output(2) }, [
        ['a', 'lif'],
        ['b', 'lif'],
        ['lif', 'out'],
      ]),
    }),
  ],
  [
    'node sub field edges: edge in -> other names "other"',
    chain({
      a: input(2),
      sub: NESTED([
        ['in', 'other'],
        ['lif', 'out'],
      ]),
    }),
  ],
  [
    'node sub.x field tau: is missing',
    chain({ a: input(2), sub: chain({ x: node('LIF', { r: nirArray([1]) }) }) }),
  ],
  [
    'node in field shape: takes shape [1048576,1048576] and gives [1048576,1048576], expected at most 33554432 elements',
    chain({ in: input(2 ** 20, 2 ** 20), x: node('LIF', { ...lif(1).fields } as Record<string, NirArray>) }),
  ],
  [
    'node out field shape: takes shape [33554432]',
    chain({ in: input(1), x: lif(1), out: output(2 ** 25) }, [['in', 'x']]),
  ],
  [
    'node p field kernel_size: is [65536,65536] for 1 channels, expected at most 33554432 elements',
    chain({
      in: input(1, 4, 4),
      p: node('SumPool2d', {
        kernel_size: nirArray(65_536, [], 'int64'),
        stride: nirArray(65_536, [], 'int64'),
        padding: nirArray(65_536, [], 'int64'),
      }),
      x: lif(1),
    }),
  ],
  ['node a.b: is there twice', chain({ 'a.b': lif(1), a: chain({ b: lif(1) }) }, [])],
];

describe('networks', () => {
  test.each(CASES)('%s', async (message, graph) => {
    await writeNir(graph, path);
    await expectRefusal(message, { dtNs: 100_000 });
  });
});
