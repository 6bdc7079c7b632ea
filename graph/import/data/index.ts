/** Input of spike sources from files (`nil run --input`): CSV, NumPy, SONATA spikes. */
import { readFile } from 'node:fs/promises';
import { InputError } from '../../errors.js';
import { modelOf } from '../../models/index.js';
import { oneOf } from '../../place.js';
import type { Graph, Population } from '../../types.js';
import { readCsvInput } from './csv.js';
import { type Input, type InputData, type SpikesStimulus, stimulusOf } from './events.js';
import { readNpyInput } from './npy.js';

export type { Input } from './events.js';

const ENDINGS = ['.csv', '.npy', '.h5', '.hdf5'] as const;

/**
 * Reads what a population of `spike_source` emits, by the file's ending:
 *
 * - `.csv` with a header `time_ms,neuron[,value]`: events. Else dense: one line for each step, one column for each neuron; `FILE#COLUMN`
 *   takes one column (name, or number from 0) for a population of one neuron.
 * - `.npy`: dense, steps × the population's shape.
 * - `.h5`, `.hdf5`: SONATA spikes, of the population of the same name or the only one.
 *
 * Frame i of dense input is what the population emits in step i; an event's time is the end of its step, a multiple of dt in
 * (0, duration]. Zeros emit nothing; values other than 1 are payloads (float32).
 * @param settings Without a duration the run is as long as the input.
 * @throws InputError that names file, place, what was found and what is expected.
 */
export async function loadInput(
  path: string,
  population: Population,
  settings: { readonly dtNs: number; readonly durationNs?: number },
): Promise<Input> {
  return stimulusOf(await readData(path, population), { file: path, population, ...settings });
}

async function readData(path: string, population: Population): Promise<InputData> {
  const [file, column] = splitColumn(path);
  const ending = ENDINGS.find((candidate) => file.toLowerCase().endsWith(candidate));
  switch (ending) {
    case '.csv':
      return readCsvInput(await readBytes(file), file, population, column);
    case '.npy':
      return readNpyInput(await readBytes(file), file, population);
    case undefined:
      throw new InputError(
        'INPUT_FILE',
        `${path}: found an unknown ending, expected one of ${ENDINGS.join(', ')}`,
      );
    default: {
      // HDF5 is megabytes of WASM: loaded when it is needed.
      const { readSonataInput } = await import('./sonata-file.js');
      return readSonataInput(file, population);
    }
  }
}

function splitColumn(path: string): [file: string, column: string | undefined] {
  const match = /^(.*\.csv)#([^/#]+)$/i.exec(path);
  return match === null ? [path, undefined] : [match[1], match[2]];
}

async function readBytes(path: string): Promise<Uint8Array> {
  try {
    return await readFile(path);
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    const found = code === 'ENOENT' ? 'no such file' : `a file that can't be read (${code})`;
    throw new InputError('INPUT_FILE', `${path}: found ${found}, expected an input file`, { cause });
  }
}

/** The graph's population that an input without a name feeds, or the one of this name. */
export function inputTarget(graph: Graph, name?: string): Population {
  const sources = graph.populations.filter(({ model }) => modelOf(model, graph)?.source === 'spikes');
  const names = sources.map((source) => source.name);
  if (sources.length === 0) {
    throw new InputError(
      'INPUT_TARGET',
      `--input: found no population of spike_source in '${graph.name}', expected one`,
    );
  }
  if (name === undefined) {
    if (sources.length === 1) return sources[0];
    throw new InputError(
      'INPUT_TARGET',
      `--input: found ${sources.length} populations of spike_source, expected NAME=FILE with one of ${names.join(', ')}`,
    );
  }
  const found = sources.find((source) => source.name === name);
  if (found !== undefined) return found;
  throw new InputError(
    'INPUT_TARGET',
    `--input ${name}=…: found population '${name}', expected ${oneOf(name, names)}`,
  );
}

/** The graph with the input in place of what it says itself of the population. */
export function withInput(graph: Graph, stimulus: SpikesStimulus): Graph {
  const others = graph.stimuli.filter(({ kind, target }) => kind !== 'spikes' || target !== stimulus.target);
  return { ...graph, stimuli: [...others, stimulus] };
}
