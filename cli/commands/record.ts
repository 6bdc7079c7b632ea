import type { Command } from 'commander';
import { runEmbedded } from '../../coordinator/index.js';
import { type Graph, InputError, printable } from '../../graph/index.js';
import { tellResult } from '../finish.js';
import { interruptible } from '../interrupt.js';
import type { Io } from '../io.js';
import { loadNetwork } from '../network.js';
import {
  addNetworkOptions,
  addPlaceOptions,
  jsonOption,
  type NetworkOptions,
  type OutputOptions,
  type PlaceOptions,
} from '../options.js';
import { makeProgress } from '../progress.js';

interface RecordOptions extends NetworkOptions, PlaceOptions, OutputOptions {
  readonly to: string;
}

const EXAMPLES = `
The file has every spike of these populations (all that spike when none is named), as the messages of the protocol with
checksums. 'nil play' shows or converts it; the adapter 'file' plays it in another run.

Examples:
  nil record examples/brunel.nil.yaml exc --to exc.niltape
  nil record net.nil.yaml --duration 1s --workers 2 --to all.niltape
  nil play exc.niltape --csv | head
`;

/** What a recorder is called in the graph that it is added to. */
const TAPE = 'nil-tape';

export function addRecord(program: Command, io: Io): void {
  const command = program
    .command('record')
    .summary('run a network and record channels to a file')
    .description(
      'Runs a network on this machine and records the spikes of some of its populations to a file, as they come.',
    )
    .argument('<graph>', 'file of the network')
    .argument('[populations...]', 'populations to be recorded');
  addPlaceOptions(addNetworkOptions(command))
    .requiredOption('--to <file>', 'file to be written')
    .addOption(jsonOption())
    .option('--quiet', 'no progress and no table')
    .addHelpText('after', EXAMPLES)
    .action((graph: string, populations: readonly string[], options: RecordOptions) =>
      record(io, graph, populations, options),
    );
}

async function record(io: Io, path: string, names: readonly string[], options: RecordOptions): Promise<void> {
  const { graph, settings } = await loadNetwork(path, options);
  const progress = makeProgress(io, options);
  const interrupt = interruptible(io, () => io.err.write('ending the run (again to end at once)\n'));
  try {
    const result = await runEmbedded(withTape(graph, names, options.to), settings, {
      ...options,
      onProgress: progress.show,
      signal: interrupt.signal,
      log: (line: string) => {
        progress.end();
        io.err.write(`${printable(line)}\n`);
      },
    });
    progress.end();
    await tellResult(io, result, options);
  } finally {
    progress.end();
    interrupt.end();
  }
}

/** One more population, on the adapter `file`, that all of them project to without delay: it gets every spike. */
function withTape(graph: Graph, names: readonly string[], file: string): Graph {
  const known = graph.populations.map(({ name }) => name);
  const unknown = names.find((name) => !known.includes(name));
  if (unknown !== undefined) {
    throw new InputError(
      'COMMAND',
      `${unknown}: found no such population, expected one of ${known.join(', ')}`,
    );
  }
  const all = names.length > 0 ? names : known;
  return {
    ...graph,
    populations: [
      ...graph.populations,
      { name: TAPE, model: 'external', size: 1, shape: [1], params: {}, initial: {}, placement: TAPE },
    ],
    projections: [
      ...graph.projections,
      ...all.map((source) => ({
        name: `${source}->${TAPE}`,
        source,
        target: TAPE,
        rule: { kind: 'all_to_all' as const },
        weight: 1,
        delayNs: 0,
        allowAutapses: true,
        allowMultapses: true,
      })),
    ],
    adapters: { ...graph.adapters, [TAPE]: { kind: 'file', config: { record: file } } },
  };
}
