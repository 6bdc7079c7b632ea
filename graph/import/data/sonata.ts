/** Spikes of a SONATA file (HDF5), whoever wrote it. */
import { Dataset, Group } from 'h5wasm/node';
import { InputError } from '../../errors.js';
import { oneOf } from '../../place.js';
import type { Population } from '../../types.js';
import { withHdf5 } from '../nir/hdf5.js';
import type { InputData } from './events.js';

export interface SonataSpikes {
  readonly population: string;
  /** In the file's order. */
  readonly timesMs: Float64Array;
  readonly neurons: Float64Array;
}

const WHAT = 'a SONATA spike file (HDF5)';
/** Elements at a time: columns may be larger than what the HDF5 library can hold. */
const PIECE = 1 << 20;

/**
 * In this thread, which a damaged file may end or keep for ever (`readSonataSpikes` has one for it).
 * @throws InputError of `withHdf5`, or `SONATA` for an HDF5 file of another kind.
 */
export function readSonataSpikesHere(path: string): Promise<SonataSpikes[]> {
  return withHdf5(
    path,
    (root) => {
      const spikes = root.keys().includes('spikes') ? root.get('spikes') : undefined;
      if (!(spikes instanceof Group)) throw broken(path, 'no group /spikes');
      return spikes.keys().map((name) => {
        const group = spikes.get(name);
        if (!(group instanceof Group)) throw broken(path, `/spikes/${name}, which is no group`);
        return readPopulation(path, name, group);
      });
    },
    WHAT,
  );
}

function readPopulation(path: string, population: string, group: Group): SonataSpikes {
  const timestamps = column(path, group, 'timestamps');
  const perMs = unitsOf(path, timestamps);
  const timesMs = numbers(path, timestamps);
  if (perMs !== 1) for (let i = 0; i < timesMs.length; i++) timesMs[i] *= perMs;
  const neurons = numbers(path, column(path, group, 'node_ids'));
  if (timesMs.length !== neurons.length) {
    throw broken(path, `${timesMs.length} timestamps and ${neurons.length} node_ids in ${group.path}`);
  }
  return { population, timesMs, neurons };
}

function column(path: string, group: Group, name: string): Dataset {
  const found = group.keys().includes(name) ? group.get(name) : undefined;
  if (!(found instanceof Dataset) || found.shape?.length !== 1) {
    throw broken(path, `no column ${group.path}/${name}`);
  }
  return found;
}

/** Milliseconds unless the file says otherwise. */
function unitsOf(path: string, dataset: Dataset): number {
  if (!Object.keys(dataset.attrs).includes('units')) return 1;
  const units = String(dataset.get_attribute('units', true));
  if (['ms', 'milliseconds', 'millisecond'].includes(units)) return 1;
  if (['s', 'seconds', 'second'].includes(units)) return 1000;
  throw broken(path, `timestamps in '${units}'`);
}

function numbers(path: string, dataset: Dataset): Float64Array {
  const length = dataset.shape?.[0] ?? 0;
  const column = new Float64Array(length);
  for (let begin = 0; begin < length; begin += PIECE) {
    const piece = dataset.slice([[begin, Math.min(length, begin + PIECE)]]);
    if (!ArrayBuffer.isView(piece)) throw broken(path, `no numbers in ${dataset.path}`);
    fill(column, begin, piece as ArrayLike<number | bigint> & ArrayBufferView);
  }
  return column;
}

function fill(
  column: Float64Array,
  begin: number,
  piece: ArrayLike<number | bigint> & ArrayBufferView,
): void {
  if (piece instanceof BigUint64Array || piece instanceof BigInt64Array) {
    const halves = new Uint32Array(piece.buffer, piece.byteOffset, piece.length * 2);
    const high =
      piece instanceof BigInt64Array
        ? new Int32Array(halves.buffer, halves.byteOffset, halves.length)
        : halves;
    for (let i = 0; i < piece.length; i++) column[begin + i] = high[2 * i + 1] * 2 ** 32 + halves[2 * i];
    return;
  }
  for (let i = 0; i < piece.length; i++) column[begin + i] = Number(piece[i]);
}

/**
 * The spikes of the population of the same name, or of the only one.
 * @throws InputError INPUT_SHAPE when none of what was found is the population's
 */
export function inputOf(found: readonly SonataSpikes[], path: string, population: Population): InputData {
  const own =
    found.find(({ population: name }) => name === population.name) ??
    (found.length === 1 ? found[0] : undefined);
  if (own === undefined) {
    const names = found.map(({ population: name }) => name);
    throw new InputError(
      'INPUT_SHAPE',
      `${path}: found no spikes of '${population.name}', expected ${names.length === 0 ? 'a population under /spikes' : `it beside ${oneOf(population.name, names)}`}`,
    );
  }
  const { timesMs, neurons } = own;
  return { kind: 'events', timesMs, neurons, placeOf: (event) => `spike ${event} of '${own.population}'` };
}

function broken(path: string, found: string): InputError {
  return new InputError('SONATA', `${path}: found ${found}, expected ${WHAT}`);
}
