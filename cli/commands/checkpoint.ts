import type { Command } from 'commander';
import { formatTimeNs } from '../../graph/index.js';
import { withClient } from '../client.js';
import type { Io } from '../io.js';
import { type ClientOptions, coordinatorOption, jsonOption, type OutputOptions } from '../options.js';

const EXAMPLES = `
Answers when it is written; the run goes on meanwhile. Its coordinator needs a place for it ('nil coordinator --store').

Examples:
  nil checkpoint 3f2a
`;

export function addCheckpoint(program: Command, io: Io): void {
  program
    .command('checkpoint')
    .summary('save all of a run that is going on')
    .description('Saves all that a run is now, so that it can be gone on with from here.')
    .argument('<run>', 'id of the run, or its first characters')
    .addOption(coordinatorOption())
    .addOption(jsonOption())
    .addHelpText('after', EXAMPLES)
    .action((run: string, options: ClientOptions & OutputOptions) => checkpoint(io, run, options));
}

async function checkpoint(io: Io, run: string, options: ClientOptions & OutputOptions): Promise<void> {
  const { runId, atNs } = await withClient(io, options, (client) => client.checkpoint(run));
  if (options.json === true) io.out.write(`${JSON.stringify({ runId, atNs })}\n`);
  else io.out.write(`run ${runId}: saved at ${formatTimeNs(atNs)}\n`);
}
