import type { Graph } from '../../types.js';
import { lowerNir } from './lower.js';
import type { LowerOptions } from './neurons.js';
import { readNir } from './open.js';

export { lowerNir } from './lower.js';
export type { LowerOptions } from './neurons.js';
export { readNir } from './open.js';
export type * from './types.js';
export { nirArray } from './types.js';

/**
 * Reads a NIR file as a NIL graph.
 * @throws InputError for files that can't be read, GraphError naming file, node and field.
 */
export async function importNir(path: string, options: Omit<LowerOptions, 'file'> = {}): Promise<Graph> {
  return lowerNir(await readNir(path), { ...options, file: path });
}
