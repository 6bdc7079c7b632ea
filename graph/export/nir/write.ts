import { type Group, File as H5File, ready } from 'h5wasm/node';
import { GraphError, InputError } from '../../errors.js';
import {
  isNirArray,
  isNirStrings,
  type NirArray,
  type NirDict,
  type NirDtype,
  type NirGraph,
  type NirNode,
  type NirValue,
} from '../../import/nir/types.js';

const CODES: Readonly<Record<NirDtype, string>> = {
  float32: '<f',
  float64: '<d',
  int8: '<b',
  int16: '<h',
  int32: '<i',
  int64: '<q',
  uint8: '<B',
  uint16: '<H',
  uint32: '<I',
  uint64: '<Q',
};

/**
 * Writes a NIR graph in the layout that the nir package writes and reads (HDF5; strings of variable length, UTF-8). Reading it back with
 * `readNir` gives the same graph.
 * @throws InputError FILE_NOT_WRITABLE; GraphError for names that HDF5 can't hold.
 */
export async function writeNir(graph: NirGraph, path: string): Promise<void> {
  checkNames(graph, '');
  const module = await ready;
  module.activate_throwing_error_handler();
  let file: H5File | undefined;
  try {
    file = new H5File(path, 'w');
    if (graph.version !== undefined) writeText(file, 'version', graph.version);
    writeGraph(file.create_group('node'), graph);
  } catch (error) {
    throw new InputError('FILE_NOT_WRITABLE', `${path}: can't be written as a NIR file`, { cause: error });
  } finally {
    try {
      file?.close();
    } finally {
      module.deactivate_throwing_error_handler();
    }
  }
}

function checkNames(graph: NirGraph, prefix: string): void {
  for (const [name, node] of graph.nodes) {
    const path = prefix === '' ? name : `${prefix}.${name}`;
    if (name === '' || name === '.' || name.includes('/') || name.includes('\0')) {
      throw new GraphError(`node ${path}`, 'has a name that HDF5 can\'t hold, expected one without "/"');
    }
    if (node.type === 'NIRGraph') checkNames(node, path);
  }
}

function writeGraph(group: Group, graph: NirGraph): void {
  writeText(group, 'type', 'NIRGraph');
  group.create_dataset({
    name: 'edges',
    data: graph.edges.flat(),
    shape: [graph.edges.length, 2],
    dtype: 'S',
  });
  const nodes = group.create_group('nodes');
  for (const [name, node] of graph.nodes) {
    const own = nodes.create_group(name);
    if (node.type === 'NIRGraph') writeGraph(own, node);
    else writeNode(own, node);
  }
  writeMetadata(group, graph.metadata);
}

function writeNode(group: Group, node: NirNode): void {
  writeText(group, 'type', node.type);
  for (const [name, value] of Object.entries(node.fields)) writeValue(group, name, value);
  writeMetadata(group, node.metadata);
}

function writeMetadata(group: Group, metadata: NirDict): void {
  if (Object.keys(metadata).length > 0) writeValue(group, 'metadata', metadata);
}

function writeValue(group: Group, name: string, value: NirValue): void {
  if (typeof value === 'string') writeText(group, name, value);
  else if (isNirArray(value)) writeArray(group, name, value);
  else if (isNirStrings(value)) {
    group.create_dataset({ name, data: [...value.values], shape: [...value.shape], dtype: 'S' });
  } else {
    const inner = group.create_group(name);
    for (const [key, item] of Object.entries(value)) writeValue(inner, key, item as NirValue);
  }
}

function writeText(group: Group, name: string, text: string): void {
  group.create_dataset({ name, data: [text], shape: [], dtype: 'S' });
}

function writeArray(group: Group, name: string, { dtype, shape, values }: NirArray): void {
  group.create_dataset({ name, data: typed(dtype, values), shape: [...shape], dtype: CODES[dtype] });
}

function typed(dtype: NirDtype, values: Float64Array) {
  switch (dtype) {
    case 'float32':
      return Float32Array.from(values);
    case 'float64':
      return values;
    case 'int64':
      return BigInt64Array.from(values, BigInt);
    case 'uint64':
      return BigUint64Array.from(values, BigInt);
    case 'int8':
      return Int8Array.from(values);
    case 'int16':
      return Int16Array.from(values);
    case 'int32':
      return Int32Array.from(values);
    case 'uint8':
      return Uint8Array.from(values);
    case 'uint16':
      return Uint16Array.from(values);
    case 'uint32':
      return Uint32Array.from(values);
  }
}
