/** NIR graphs in memory. */
import {
  type NirArray,
  type NirEdge,
  type NirGraph,
  type NirNode,
  nirArray,
} from '../../graph/import/nir/index.js';

export const DT_NS = 100_000;
export const ints = (...values: number[]): NirArray => nirArray(values, [values.length], 'int64');
export const scalar = (value: number): NirArray => nirArray(value, [], 'int64');
export const node = (
  type: NirNode['type'],
  fields: NirNode['fields'],
  metadata: NirNode['metadata'] = {},
): NirNode => ({
  type,
  fields,
  metadata,
});
export const input = (...shape: number[]): NirNode => node('Input', { shape: ints(...shape) });
export const output = (...shape: number[]): NirNode => node('Output', { shape: ints(...shape) });
export const graphOf = (nodes: Record<string, NirNode | NirGraph>, edges?: NirEdge[]): NirGraph => {
  const names = Object.keys(nodes);
  return {
    type: 'NIRGraph',
    nodes: new Map(Object.entries(nodes)),
    edges: edges ?? names.slice(1).map((name, i) => [names[i], name]),
    metadata: {},
  };
};
export const lif = (n: number, fields: NirNode['fields'] = {}): NirNode =>
  node('LIF', {
    tau: nirArray(0.01),
    r: nirArray(1),
    v_leak: nirArray(0),
    v_threshold: nirArray(Array(n).fill(1)),
    ...fields,
  });
