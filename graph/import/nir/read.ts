import { Group } from 'h5wasm/node';
import { GraphError } from '../../errors.js';
import { checkedNode } from './check.js';
import { dictOf, readValue, withHdf5 } from './hdf5.js';
import {
  isNirArray,
  isNirStrings,
  type NirDict,
  type NirEdge,
  type NirGraph,
  type NirNode,
  type NirValue,
} from './types.js';

/**
 * Reads a NIR file (HDF5, as the nir package writes it since 0.1) without interpreting it: in this thread, which a damaged file may end or keep
 * for ever (`readNir` has one for it). Fields are checked each by itself: present, known, numbers, finite, of a legal rank. How nodes
 * fit together is `lowerNir`'s to check.
 * @throws InputError for files that can't be read, GraphError naming file, node and field.
 */
export function readNirHere(path: string): Promise<NirGraph> {
  return withHdf5(path, (root) => {
    if (!root.keys().includes('node')) {
      throw new GraphError('group node', 'is missing, expected a NIR file with a group "node"', {
        file: path,
      });
    }
    const version = root.keys().includes('version')
      ? readValue(root.get('version'), `${path}: version`)
      : undefined;
    if (version !== undefined && typeof version !== 'string') {
      throw new GraphError('version', 'is no string, expected the nir version that wrote the file', {
        file: path,
      });
    }
    const group = requireGroup(root.get('node'), 'group node', path);
    const type = typeOf(group, 'group node', path);
    if (type !== 'NIRGraph') {
      throw new GraphError('group node', `is a ${type}, expected a NIRGraph at the root`, { file: path });
    }
    const graph = readGraph(group, '', path);
    return version === undefined ? graph : { ...graph, version };
  });
}

const nodePlace = (name: string): string => (name === '' ? 'root graph' : `node ${name}`);

function readGraph(group: Group, prefix: string, file: string): NirGraph {
  const place = nodePlace(prefix);
  const known = ['edges', 'metadata', 'nodes', 'type'];
  const keys = group.keys();
  const stranger = keys.find((key) => !known.includes(key));
  if (stranger !== undefined) {
    throw new GraphError(
      `${place} field ${stranger}`,
      `is no field of NIRGraph, expected only ${known.join(', ')}`,
      {
        file,
      },
    );
  }
  for (const key of ['nodes', 'edges']) {
    if (!keys.includes(key))
      throw new GraphError(`${place} field ${key}`, 'is missing, a NIRGraph needs it', { file });
  }
  const nodes = new Map<string, NirNode | NirGraph>();
  const inner = requireGroup(group.get('nodes'), `${place} field nodes`, file);
  for (const name of inner.keys()) {
    const path = prefix === '' ? name : `${prefix}.${name}`;
    nodes.set(name, readNode(requireGroup(inner.get(name), `node ${path}`, file), path, file));
  }
  const edges = edgesOf(readValue(group.get('edges'), `${file}: ${place} field edges`), place, file);
  return { type: 'NIRGraph', nodes, edges, metadata: metadataOf(group, place, file) };
}

function readNode(group: Group, path: string, file: string): NirNode | NirGraph {
  const place = nodePlace(path);
  const type = typeOf(group, place, file);
  if (type === 'NIRGraph') return readGraph(group, path, file);
  const fields: Record<string, NirValue> = {};
  for (const key of group.keys()) {
    if (key === 'type' || key === 'metadata') continue;
    const value = readValue(group.get(key), `${file}: ${place} field ${key}`);
    if (value !== undefined) fields[key] = value;
  }
  return checkedNode(type, fields, metadataOf(group, place, file), place, file);
}

function typeOf(group: Group, place: string, file: string): string {
  const type = group.keys().includes('type')
    ? readValue(group.get('type'), `${file}: ${place} field type`)
    : undefined;
  if (typeof type === 'string') return type;
  throw new GraphError(`${place} field type`, 'is missing or no string, expected the name of a primitive', {
    file,
  });
}

function metadataOf(group: Group, place: string, file: string): NirDict {
  if (!group.keys().includes('metadata')) return {};
  const at = `${place} field metadata`;
  return dictOf(requireGroup(group.get('metadata'), at, file), `${file}: ${at}`);
}

function requireGroup(entity: unknown, place: string, file: string): Group {
  if (entity instanceof Group) return entity;
  throw new GraphError(place, 'is no group, expected an HDF5 group', { file });
}

function edgesOf(value: NirValue | undefined, place: string, file: string): NirEdge[] {
  const at = `${place} field edges`;
  if (value === undefined) return [];
  if (isNirArray(value) && value.values.length === 0) return [];
  if (!isNirStrings(value) || value.shape.length !== 2 || value.shape[1] !== 2) {
    const found = typeof value === 'object' && 'shape' in value ? `shape [${value.shape}]` : 'no list';
    throw new GraphError(at, `found ${found}, expected [edges, 2] of node names`, { file });
  }
  const names = value.values;
  return Array.from({ length: value.shape[0] }, (_, i) => [names[2 * i], names[2 * i + 1]] as const);
}
