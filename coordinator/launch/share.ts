import type { Graph } from '../../graph/types.js';

type Column = Float64Array | Float32Array | Uint32Array;

/** A copy of a graph whose arrays lie in shared memory: posted to any number of threads, they are there once. */
export function shareGraph(graph: Graph): Graph {
  return shared(graph) as Graph;
}

function shared(value: unknown): unknown {
  if (value instanceof Float64Array || value instanceof Float32Array || value instanceof Uint32Array) {
    return sharedColumn(value);
  }
  if (Array.isArray(value)) return value.map(shared);
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(Object.entries(value).map(([key, entry]) => [key, shared(entry)]));
  }
  return value;
}

function sharedColumn(column: Column): Column {
  if (column.buffer instanceof SharedArrayBuffer) return column;
  const memory = new SharedArrayBuffer(column.byteLength);
  const copy =
    column instanceof Float64Array
      ? new Float64Array(memory)
      : column instanceof Float32Array
        ? new Float32Array(memory)
        : new Uint32Array(memory);
  copy.set(column);
  return copy;
}
