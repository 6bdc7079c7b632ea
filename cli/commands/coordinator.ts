import type { Command } from 'commander';
import { DEFAULT_PORT, startCoordinator } from '../../coordinator/index.js';
import { startNatsServer } from '../../stream/nats/index.js';
import type { Io } from '../io.js';
import { natsOption, timeOption, wholeOption } from '../options.js';
import { untilInterrupted } from '../until.js';

interface CoordinatorOptions {
  readonly nats?: string;
  readonly host?: string;
  readonly port?: number;
  readonly timeout?: number;
}

const EXAMPLES = `
Nothing here asks who is calling: open it (--host) only to a network that you trust.

Examples:
  nil coordinator                                    on this machine only; starts a nats-server
  nil coordinator --nats nats://10.0.0.1:4222 --host 10.0.0.1
`;

export function addCoordinator(program: Command, io: Io): void {
  program
    .command('coordinator')
    .summary('take runs and give them to workers')
    .description('Serves until it is ended: workers join it, clients submit runs to it.')
    .option(
      '--nats <url>',
      'NATS server, as the workers reach it (without it one is started for this machine)',
      natsOption,
    )
    .option('--host <host>', 'address to listen on (default: 127.0.0.1)')
    .option('--port <n>', `port to listen on, 0 for any (default: ${DEFAULT_PORT})`, wholeOption(0, 65_535))
    .option(
      '--timeout <time>',
      'how long a run may wait for workers, or for progress (default: 60s)',
      timeOption,
    )
    .addHelpText('after', EXAMPLES)
    .action((options: CoordinatorOptions) => serve(io, options));
}

async function serve(io: Io, options: CoordinatorOptions): Promise<void> {
  const server = options.nats === undefined ? await startNatsServer() : undefined;
  try {
    const natsUrl = options.nats ?? server?.url ?? '';
    const { host, port, timeout } = options;
    const timeoutMs = timeout === undefined ? undefined : timeout / 1e6;
    const coordinator = await startCoordinator({ natsUrl, host, port, timeoutMs });
    io.err.write(`coordinator: listening on ${coordinator.address}, events over ${natsUrl}\n`);
    await untilInterrupted(io);
    io.err.write('coordinator: ending\n');
    await coordinator.close();
  } finally {
    await server?.stop();
  }
}
