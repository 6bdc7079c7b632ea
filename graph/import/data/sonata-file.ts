import type { Population } from '../../types.js';
import { readHdf5 } from '../hdf5/read.js';
import type { InputData } from './events.js';
import { inputOf, type SonataSpikes } from './sonata.js';

/**
 * Reads a SONATA spike file in a thread of its own.
 * @throws InputError of `withHdf5`, or `SONATA` for an HDF5 file of another kind.
 */
export function readSonataSpikes(path: string): Promise<SonataSpikes[]> {
  return readHdf5('sonata', path);
}

/** The spikes of the file's population of the same name, or of its only one. */
export async function readSonataInput(path: string, population: Population): Promise<InputData> {
  return inputOf(await readSonataSpikes(path), path, population);
}
