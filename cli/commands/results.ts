import type { Command } from 'commander';
import { prepareResults } from '../../coordinator/results/index.js';
import { withClient } from '../client.js';
import { tellResult } from '../finish.js';
import type { Io } from '../io.js';
import { type ClientOptions, coordinatorOption, jsonOption, type OutputOptions } from '../options.js';

interface ResultsOptions extends ClientOptions, OutputOptions {
  readonly out?: string;
}

const EXAMPLES = `
Examples:
  nil results 3f2a --out out/brunel
  nil results 3f2a --json
`;

export function addResults(program: Command, io: Io): void {
  program
    .command('results')
    .summary('fetch what a run recorded')
    .description('Fetches what a run that is over recorded, however it ended.')
    .argument('<run>', 'id of the run, or its first characters')
    .addOption(coordinatorOption())
    .option('--out <dir>', 'folder for spikes.h5, states.h5, summary.json and report.html')
    .addOption(jsonOption())
    .option('--quiet', 'no table')
    .addHelpText('after', EXAMPLES)
    .action((run: string, options: ResultsOptions) => results(io, run, options));
}

async function results(io: Io, run: string, options: ResultsOptions): Promise<void> {
  if (options.out !== undefined) prepareResults(options.out);
  const result = await withClient(io, options, (client) => client.results(run));
  await tellResult(io, result, options);
}
