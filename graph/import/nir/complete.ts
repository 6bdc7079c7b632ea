import { sizeOf } from './broadcast.js';
import type { FlatNir, FlatNode } from './flatten.js';
import { type NirNode, nirArray } from './types.js';

/**
 * Adds what the nir package adds when it reads a graph: an Input before a node that nothing leads to (`input_<name>`, where the node itself
 * says its shape), and an Output after a node that leads nowhere (`output_<name>`).
 */
export function completeNir(flat: FlatNir): FlatNir {
  const nodes: FlatNode[] = [...flat.nodes];
  const edges = [...flat.edges];
  const taken = new Set(nodes.map((node) => node.name));
  const fresh = (name: string): string => {
    let free = name;
    for (let i = 0; taken.has(free); i++) free = `${name}_${i}`;
    taken.add(free);
    return free;
  };
  const fed = new Set(flat.edges.map(([, target]) => target));
  const used = new Set(flat.edges.map(([source]) => source));
  flat.nodes.forEach(({ name, node }, n) => {
    const shape = fed.has(n) || node.type === 'Input' ? undefined : ownInputShape(node);
    if (shape !== undefined) edges.push([add('Input', fresh(`input_${name}`), shape), n]);
    if (!used.has(n) && node.type !== 'Output')
      edges.push([n, add('Output', fresh(`output_${name}`), undefined)]);
  });
  return { nodes, edges, notes: flat.notes };

  function add(type: 'Input' | 'Output', name: string, shape: readonly number[] | undefined): number {
    const fields: NirNode['fields'] =
      shape === undefined ? {} : { shape: nirArray(shape, [shape.length], 'int64') };
    nodes.push({ name, node: { type, fields, metadata: {} }, top: true });
    return nodes.length - 1;
  }
}

/** The shape of a node's input as far as its own fields say it. */
function ownInputShape(node: NirNode): readonly number[] | undefined {
  if (node.type === 'Output') return undefined;
  if (node.type === 'Affine' || node.type === 'Linear') {
    const { weight } = node.fields;
    if (typeof weight === 'string' || weight.shape.length < 2) return undefined;
    return [...weight.shape.slice(0, -2), weight.shape[weight.shape.length - 1]];
  }
  if (node.type === 'Flatten' || node.type.startsWith('Conv') || node.type.endsWith('Pool2d'))
    return undefined;
  const shapes = Object.values(node.fields).map((field) => (typeof field === 'string' ? [] : field.shape));
  const largest = shapes.reduce((a, b) => (sizeOf(b) > sizeOf(a) ? b : a), []);
  return largest.length === 0 ? [1] : largest;
}
