import type { Command } from 'commander';
import { prepareResults } from '../../coordinator/results/index.js';
import { InputError, RunError } from '../../graph/index.js';
import { follow, isOver, withClient } from '../client.js';
import { tellResult } from '../finish.js';
import type { Io } from '../io.js';
import { loadNetwork } from '../network.js';
import {
  addNetworkOptions,
  addPlaceOptions,
  type ClientOptions,
  coordinatorOption,
  jsonOption,
  type NetworkOptions,
  type OutputOptions,
  type PlaceOptions,
  placeOf,
} from '../options.js';

interface SubmitOptions extends NetworkOptions, PlaceOptions, OutputOptions, ClientOptions {
  readonly wait?: boolean;
  readonly out?: string;
}

const EXAMPLES = `
Prints the run's id; with --wait, what 'nil run' would print.

Examples:
  nil submit examples/brunel.nil.yaml --workers 2
  nil submit examples/brunel.nil.yaml --workers 2 --wait --out out/brunel
`;

export function addSubmit(program: Command, io: Io): void {
  const command = program
    .command('submit')
    .summary('give a network to a coordinator')
    .description('Gives a network to a coordinator, which runs it on the workers that have joined.')
    .argument('<graph>', 'file of the network');
  addPlaceOptions(addNetworkOptions(command))
    .addOption(coordinatorOption())
    .option('--wait', 'follow the run and tell its results')
    .option('--out <dir>', 'folder for the results (with --wait)')
    .addOption(jsonOption())
    .option('--quiet', 'no progress and no table')
    .addHelpText('after', EXAMPLES)
    .action((graph: string, options: SubmitOptions) => submit(io, graph, options));
}

async function submit(io: Io, path: string, options: SubmitOptions): Promise<void> {
  const { out, wait, json } = options;
  if (out !== undefined && wait !== true) {
    throw new InputError(
      'OPTIONS',
      `--out ${out}: found no --wait, expected it: results are there when the run is over`,
    );
  }
  const { graph, settings } = await loadNetwork(path, options);
  if (out !== undefined) prepareResults(out);
  await withClient(options, async (client) => {
    const runId = await client.submit(graph, settings, placeOf(options));
    if (wait !== true) {
      io.out.write(json === true ? `${JSON.stringify({ runId })}\n` : `${runId}\n`);
      return;
    }
    const status = await follow(io, client, runId, options);
    if (!isOver(status)) throw new RunError('RUN_LEFT', `run ${runId}: goes on; 'nil stop ${runId}' ends it`);
    await tellResult(io, await client.results(runId), options);
  });
}
