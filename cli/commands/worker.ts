import type { Command } from 'commander';
import { startWorker } from '../../coordinator/index.js';
import type { Io } from '../io.js';
import { type ClientOptions, coordinatorOption, natsOption, wholeOption } from '../options.js';
import { untilInterrupted } from '../until.js';

interface WorkerOptions extends ClientOptions {
  readonly nats?: string;
  readonly threads?: number;
  readonly name?: string;
}

const EXAMPLES = `
Examples:
  nil worker                                         joins the coordinator of this machine
  nil worker --coordinator 10.0.0.1:7610 --threads 4 --name rack-3
`;

export function addWorker(program: Command, io: Io): void {
  program
    .command('worker')
    .summary('join a coordinator and run its partitions')
    .description(
      'Serves until it is ended: joins a coordinator, and again when that comes back; runs one partition at a time.',
    )
    .addOption(coordinatorOption())
    .option(
      '--nats <url>',
      'NATS server, if this machine reaches it by another address than the coordinator says',
      natsOption,
    )
    .option('--threads <n>', 'threads that a partition may use (default: 1)', wholeOption(1, 4096))
    .option('--name <name>', 'unique among workers (default: host name and process id)')
    .addHelpText('after', EXAMPLES)
    .action((options: WorkerOptions) => serve(io, options));
}

async function serve(io: Io, { coordinator, nats, threads, name }: WorkerOptions): Promise<void> {
  const worker = startWorker({
    coordinator,
    nats: { url: nats },
    threads,
    name,
    log: (line) => io.err.write(`${line}\n`),
  });
  await untilInterrupted(io, worker.closed);
  await worker.close();
  await worker.closed;
}
