import { readHdf5 } from '../hdf5/read.js';
import type { NirGraph } from './types.js';

/**
 * Reads a NIR file as it is, in a thread of its own.
 * @throws InputError for files that can't be read, GraphError naming file, node and field.
 */
export function readNir(path: string): Promise<NirGraph> {
  return readHdf5('nir', path);
}
