/** Input of spike sources: CSV and NumPy. */

import { InputError } from '../../../graph/errors.js';
import { readCsvInput } from '../../../graph/import/data/csv.js';
import { type InputData, stimulusOf } from '../../../graph/import/data/events.js';
import { readNpyInput } from '../../../graph/import/data/npy.js';
import type { Graph, Population } from '../../../graph/types.js';
import { validateGraph } from '../../../graph/validate.js';
import { bytesOf, corpusOf } from '../corpus.js';
import { mutateBytes } from '../mutate/bytes.js';
import { textMutator } from '../mutate/text.js';
import type { Target } from '../target.js';

const source = (size: number, shape: readonly number[] = [size]): Population => ({
  ...{ name: 'in', model: 'spike_source', size, shape, params: {}, initial: {} },
});
const SOURCES = [source(3), source(1), source(4, [2, 2])];

/** What a file says must be refused by all, or make a stimulus that is good by itself. */
export function checkInput(
  read: (population: Population) => InputData,
  populations: readonly Population[],
): void {
  const refusals: InputError[] = [];
  for (const [i, population] of populations.entries()) {
    try {
      const target = { file: 'case', population, dtNs: 100_000, ...(i % 2 === 0 ? { durationNs: 1e9 } : {}) };
      const { stimulus } = stimulusOf(read(population), target);
      const parts = { projections: [], recordings: [], defaults: {}, metadata: {} };
      const graph: Graph = { name: 'g', populations: [population], stimuli: [stimulus], ...parts };
      validateGraph(graph);
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      refusals.push(error);
    }
  }
  if (refusals.length === populations.length) throw refusals[0];
}

export const csvTarget: Target = {
  name: 'csv',
  corpus: () => corpusOf('csv'),
  mutators: [
    textMutator(['time_ms', 'neuron', 'value', ',', '#', '0.1', '1,0', '\n', '\n\n', ',,', '"1"', ';']),
  ],
  codes: ['CSV', 'INPUT_SHAPE', 'INPUT_RANGE'],
  run(bytes) {
    checkInput((population) => readCsvInput(bytes, 'case.csv', population), SOURCES);
    checkInput((population) => readCsvInput(bytes, 'case.csv', population, '0'), [source(1)]);
  },
};

export const npyTarget: Target = {
  name: 'npy',
  corpus: () => [...corpusOf('npy'), npy("{'descr': '<f8', 'fortran_order': False, 'shape': (2, 3), }", 48)],
  mutators: [textInHeader(), mutateBytes, mutateBytes],
  codes: ['NPY', 'INPUT_SHAPE', 'INPUT_RANGE'],
  run: (bytes) => checkInput((population) => readNpyInput(bytes, 'case.npy', population), SOURCES),
};

export function npy(header: string, dataBytes: number): Uint8Array {
  const text = `${header.padEnd(117)}\n`;
  return Uint8Array.from([
    0x93,
    ...bytesOf('NUMPY'),
    1,
    0,
    text.length,
    0,
    ...bytesOf(text),
    ...new Uint8Array(dataBytes),
  ]);
}

/** Edits of the header's text, with its length made right again. */
function textInHeader(): Target['mutators'][number] {
  const edit = textMutator([
    "'descr'",
    "'<f8'",
    "'>i4'",
    "'|b1'",
    "'shape'",
    '(0,)',
    '(3, 0)',
    '(1,)',
    ',',
    'True',
    'False',
    "'fortran_order'",
    '4294967296',
    '()',
  ]);
  return (bytes, random, corpus) => {
    if (bytes.length < 12) return random.pick(corpus).slice();
    const start = bytes[6] >= 2 ? 12 : 10;
    const end = Math.min(bytes.length, start + bytes[8] + 256 * bytes[9]);
    const header = edit(
      bytes.slice(start, end),
      random,
      corpus.map((other) => other.slice(10, 128)),
    ).slice(0, 65_000);
    const head = bytes.slice(0, start);
    head[8] = header.length & 255;
    head[9] = header.length >> 8;
    return Uint8Array.from([...head, ...header, ...bytes.slice(end)]);
  };
}
