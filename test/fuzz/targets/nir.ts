/** NIR: files, and the graphs that are read from them before they are understood. */
import { checkedNode } from '../../../graph/import/nir/check.js';
import { lowerNir } from '../../../graph/import/nir/index.js';
import { readNirHere } from '../../../graph/import/nir/read.js';
import type {
  NirArray,
  NirDict,
  NirEdge,
  NirGraph,
  NirNode,
  NirValue,
} from '../../../graph/import/nir/types.js';
import { validateGraph } from '../../../graph/validate.js';
import { corpusOf } from '../corpus.js';
import { type Json, parse, treeMutator } from '../mutate/tree.js';
import { must, type Target } from '../target.js';
import { HDF5_CODES, HDF5_ISOLATED, HDF5_MUTATORS, withFile } from './hdf5.js';
import { MEMORY_BYTES } from './samples.js';

const codes = ['GRAPH_INVALID', 'NIR_VALUE'];

function checkLowered(nir: NirGraph, file: string): void {
  validateGraph(lowerNir(nir, { file }), { file, memoryLimitBytes: MEMORY_BYTES });
}

export const nirTarget: Target = {
  name: 'nir',
  corpus: () => corpusOf('nir'),
  mutators: HDF5_MUTATORS,
  codes: [...codes, ...HDF5_CODES],
  ceilingBytes: (caseBytes) => 2 ** 28 + 64 * caseBytes,
  freshEvery: 2000,
  isolated: HDF5_ISOLATED,
  run: (bytes) => withFile(bytes, '.nir', async (path) => checkLowered(await readNirHere(path), path)),
};

type Tree = { readonly [key: string]: Json };

const isTree = (value: Json | undefined): value is Tree =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** As the reader makes it from a file: arrays whose shape and values go together, names without slashes; the rest is as it may come. */
export function nirGraphOf(tree: Json | undefined, place: string): NirGraph {
  const nodes = new Map<string, NirNode | NirGraph>();
  const { nodes: inner, edges, metadata } = isTree(tree) ? tree : ({} as Tree);
  for (const [name, node] of Object.entries(isTree(inner) ? inner : {})) {
    if (name === '' || name.includes('/') || !isTree(node)) continue;
    if (node.type === 'NIRGraph') nodes.set(name, nirGraphOf(node, `${place}.${name}`));
    else
      nodes.set(
        name,
        checkedNode(
          String(node.type),
          valuesOf(node.fields),
          valuesOf(node.metadata),
          `node ${name}`,
          'case',
        ),
      );
  }
  const pairs = (Array.isArray(edges) ? edges : []).flatMap((edge): NirEdge[] =>
    Array.isArray(edge) && edge.length === 2 ? [[String(edge[0]), String(edge[1])]] : [],
  );
  return { type: 'NIRGraph', nodes, edges: pairs, metadata: valuesOf(metadata) };
}

function valuesOf(tree: Json | undefined): NirDict {
  if (!isTree(tree)) return {};
  return Object.fromEntries(
    Object.entries(tree).flatMap(([key, value]) => {
      const found = nirValue(value);
      return found === undefined ? [] : [[key, found]];
    }),
  );
}

function nirValue(value: Json): NirValue | undefined {
  if (typeof value === 'string') return value;
  if (typeof value === 'number') return { dtype: 'float64', shape: [], values: Float64Array.of(value) };
  if (Array.isArray(value)) return arrayOf(value);
  return isTree(value) ? valuesOf(value) : undefined;
}

function arrayOf(value: Json[]): NirArray | undefined {
  const shape: number[] = [];
  for (let level: Json = value; Array.isArray(level); level = level[0] ?? null) shape.push(level.length);
  const values = (value.flat(32 as 1) as unknown[]).map(Number);
  const size = shape.reduce((product, extent) => product * extent, 1);
  return shape.length > 32 || values.length !== size
    ? undefined
    : { dtype: 'float64', shape, values: Float64Array.from(values) };
}

const TYPES = [
  'Input',
  'Output',
  'Affine',
  'Linear',
  'Scale',
  'Conv1d',
  'Conv2d',
  'AvgPool2d',
  'SumPool2d',
  'Flatten',
  'Delay',
  'LIF',
  'CubaLIF',
  'NIRGraph',
];

export const nirTreeTarget: Target = {
  name: 'nir-tree',
  corpus: () => corpusOf('nir-tree'),
  mutators: [
    treeMutator([
      ...TYPES,
      'same',
      'valid',
      'in',
      'out',
      'lif',
      '',
      null,
      [],
      [1],
      [
        [1, 2],
        [3, 4],
      ],
      [1, 4, 4],
      [0],
      {},
      ['in', 'out'],
      [1e6, 1e6],
      [2 ** 20, 2 ** 20],
    ]),
  ],
  codes,
  ceilingBytes: (caseBytes) => 2 ** 28 + 256 * caseBytes,
  run(bytes) {
    const tree = parse(bytes);
    must(tree !== undefined, 'a case that is no document');
    checkLowered(nirGraphOf(tree, ''), 'case');
  },
};
