import type { Command } from 'commander';
import { type HttpServer, workerPages } from '../../coordinator/http/index.js';
import { startWorker } from '../../coordinator/index.js';
import { printable } from '../../graph/index.js';
import { accessOf, addNatsOptions, type NatsOptions, natsIdentity, natsOf } from '../access.js';
import {
  addHttpOptions,
  addHttpSecurity,
  checkHttp,
  type HttpOptions,
  httpSecurity,
  serveHttp,
} from '../http.js';
import type { Io } from '../io.js';
import { bytesOption, type ClientOptions, coordinatorOption, natsOption, wholeOption } from '../options.js';
import { untilInterrupted } from '../until.js';

interface WorkerOptions extends ClientOptions, NatsOptions, HttpOptions {
  readonly threads?: number;
  readonly name?: string;
  readonly memory?: number;
  readonly retain?: number;
  readonly spill?: string;
}

/** For what it holds to be saved and to go on elsewhere; a second Ctrl-C or SIGTERM ends it at once. */
const LEAVE_MS = 25_000;

const EXAMPLES = `
Examples:
  nil worker                                         joins the coordinator of this machine
  nil worker --coordinator 10.0.0.1:7610 --auth auth/worker --threads 4 --name rack-3
`;

export function addWorker(program: Command, io: Io): void {
  const command = program
    .command('worker')
    .summary('join a coordinator and run its partitions')
    .description(
      'Serves until it is ended: joins a coordinator, and again when that comes back. Ctrl-C and SIGTERM let what it runs go on elsewhere first; a second one ends it at once.',
    )
    .addOption(coordinatorOption())
    .option(
      '--nats <url>',
      'NATS server, if this machine reaches it by another address than the coordinator says',
      natsOption,
    )
    .option('--threads <n>', 'threads that a partition may use (default: 1)', wholeOption(1, 4096))
    .option('--name <name>', 'unique among workers (default: host name and process id)')
    .option(
      '--memory <bytes>',
      'most that what it holds may take; a partition that needs more is refused, by name (default: the limit of its control group, or what this machine has)',
      bytesOption,
    )
    .option(
      '--retain <bytes>',
      'how much of what was sent stays in memory for federates that begin again (default: 128MiB)',
      bytesOption,
    )
    .option('--spill <dir>', 'where the rest of that goes (default: the directory for temporary files)')
    .addHelpText('after', EXAMPLES)
    .action((options: WorkerOptions) => serve(io, options));
  addHttpSecurity(addHttpOptions(command));
  addNatsOptions(command);
}

async function serve(io: Io, options: WorkerOptions): Promise<void> {
  const { coordinator, threads, name, memory, retain, spill } = options;
  const security = httpSecurity(options);
  checkHttp(options, security);
  const worker = startWorker({
    coordinator,
    access: accessOf(options),
    nats: natsOf(options),
    natsIdentity: natsIdentity(options),
    threads,
    name,
    memoryBytes: memory,
    retainBytes: retain,
    spillDir: spill,
    log: (line) => io.err.write(`${printable(line)}\n`),
  });
  let http: HttpServer | undefined;
  try {
    http = await serveHttp(io, `worker ${worker.name}`, options, security, workerPages(worker.status));
    await untilInterrupted(io, worker.closed);
    await worker.leave('it was asked to end', LEAVE_MS);
    await worker.closed;
  } finally {
    await http?.close();
    await worker.close();
  }
}
