import type { Command } from 'commander';
import { isOver } from '../../coordinator/index.js';
import { RunError } from '../../graph/index.js';
import { follow, withClient } from '../client.js';
import { hasColor, type Io } from '../io.js';
import { type ClientOptions, coordinatorOption, jsonOption, type OutputOptions } from '../options.js';
import { runText } from './status.js';

const EXAMPLES = `
Ctrl-C ends the watching, not the run.

Examples:
  nil watch 3f2a
`;

export function addWatch(program: Command, io: Io): void {
  program
    .command('watch')
    .summary('follow a run until it is over')
    .description('Follows a run until it is over; the exit status is 1 when it failed or was stopped.')
    .argument('<run>', 'id of the run, or its first characters')
    .addOption(coordinatorOption())
    .addOption(jsonOption())
    .addHelpText('after', EXAMPLES)
    .action((run: string, options: ClientOptions & OutputOptions) => watch(io, run, options));
}

async function watch(io: Io, run: string, options: ClientOptions & OutputOptions): Promise<void> {
  const status = await withClient(io, options, (client) => follow(io, client, run, options));
  if (options.json === true) io.out.write(`${JSON.stringify(status)}\n`);
  else io.out.write(runText(status, hasColor(io.out, io.env)));
  if (isOver(status) && status.state !== 'done') {
    const code = status.errorCode === '' ? 'RUN_STOPPED' : status.errorCode;
    throw new RunError(code, `run ${status.runId}: ${status.state}: ${status.detail}`);
  }
}
