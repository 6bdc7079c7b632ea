import type { Command } from 'commander';
import { formatTimeNs } from '../../graph/index.js';
import { withClient } from '../client.js';
import type { Io } from '../io.js';
import { type ClientOptions, coordinatorOption, jsonOption, type OutputOptions } from '../options.js';

interface StopOptions extends ClientOptions, OutputOptions {
  readonly reason?: string;
}

const EXAMPLES = `
Examples:
  nil stop 3f2a
  nil stop 3f2a --reason 'rates are off'
`;

export function addStop(program: Command, io: Io): void {
  program
    .command('stop')
    .summary('end a run and keep what was recorded')
    .description('Ends a run; what was recorded until then is kept and can be fetched by nil results.')
    .argument('<run>', 'id of the run, or its first characters')
    .addOption(coordinatorOption())
    .option('--reason <text>', 'why, for those who look at it later')
    .addOption(jsonOption())
    .addHelpText('after', EXAMPLES)
    .action((run: string, options: StopOptions) => stop(io, run, options));
}

async function stop(io: Io, run: string, options: StopOptions): Promise<void> {
  const status = await withClient(io, options, (client) => client.stop(run, options.reason));
  if (options.json === true) io.out.write(`${JSON.stringify(status)}\n`);
  else
    io.out.write(
      `run ${status.runId}: ${status.state} at ${formatTimeNs(status.clockNs)} of ${formatTimeNs(status.durationNs)}\n`,
    );
}
