import type { Command } from 'commander';
import { CoordinatorMetrics, type HttpServer } from '../../coordinator/http/index.js';
import { checkOpen, DEFAULT_PORT, startCoordinator } from '../../coordinator/index.js';
import { NATS, type Stores } from '../../coordinator/store/index.js';
import { printable } from '../../graph/index.js';
import { startNatsServer } from '../../stream/nats/index.js';
import {
  addNatsOptions,
  addServerOptions,
  type NatsOptions,
  natsIdentity,
  natsOf,
  type ServerOptions,
  serverAccessOf,
} from '../access.js';
import { addHttpOptions, checkHttp, type HttpOptions, serveHttp } from '../http.js';
import type { Io } from '../io.js';
import { natsOption, timeOption, wallMs, wholeOption } from '../options.js';
import { addWatchOptions, type WatchOptions, watchOf } from '../recovery.js';
import { addStoreOptions, type StoreOptions, storesOf } from '../store.js';
import { untilInterrupted } from '../until.js';

interface CoordinatorOptions extends ServerOptions, StoreOptions, NatsOptions, WatchOptions, HttpOptions {
  readonly host?: string;
  readonly port?: number;
  readonly timeout?: number;
}

const EXAMPLES = `
Another address than this machine's own (--host) needs --auth, or --insecure on a network that you trust.

Examples:
  nil coordinator                                    on this machine only; starts a nats-server
  nil coordinator --http 127.0.0.1:7611              metrics at http://127.0.0.1:7611/metrics
  nil coordinator --store runs                       its runs' checkpoints are in the folder runs
  nil coordinator --nats tls://10.0.0.1:4222 --host 10.0.0.1 --auth auth/coordinator
`;

export function addCoordinator(program: Command, io: Io): void {
  const command = program
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
  addWatchOptions(command);
  addStoreOptions(command);
  addHttpOptions(command);
  addServerOptions(command);
  addNatsOptions(command);
}

async function serve(io: Io, options: CoordinatorOptions): Promise<void> {
  const { host, port, timeout } = options;
  const { security, natsIssuer } = serverAccessOf(options);
  // Before anything is started.
  checkOpen(host, security);
  checkHttp(options, security);
  const nats = natsOf(options, process.env, natsIdentity(options));
  if (nats.credentials !== undefined && options.store !== NATS) {
    io.err.write(
      'coordinator: keeps nothing on NATS, so it has no use for credentials there; workers need their own\n',
    );
  }
  const server = nats.url === undefined ? await startNatsServer() : undefined;
  let stores: Stores | undefined;
  let http: HttpServer | undefined;
  try {
    const natsUrl = nats.url ?? server?.url ?? '';
    const natsCa = nats.tls?.ca;
    const own = nats.url === undefined ? undefined : { ...nats, url: natsUrl };
    stores = await storesOf(options, own, natsIssuer);
    const metrics = new CoordinatorMetrics();
    // Before the coordinator, so that probes see that it lives while it takes up its runs.
    http = await serveHttp(io, 'coordinator', options, security, metrics);
    const coordinator = await startCoordinator({
      natsUrl,
      natsCa,
      natsIssuer: server === undefined ? natsIssuer : undefined,
      host,
      port,
      security,
      stores,
      timeoutMs: wallMs(timeout),
      ...watchOf(options),
      onRun: (run) => metrics.follow(run),
      log: (line) => io.err.write(`coordinator: ${printable(line)}\n`),
    });
    if (options.insecure === true) io.err.write('coordinator: --insecure: whoever reaches it can use it\n');
    metrics.serves(coordinator);
    io.err.write(`coordinator: listening on ${coordinator.address}, events over ${natsUrl}\n`);
    await untilInterrupted(io);
    io.err.write('coordinator: ending\n');
    await coordinator.close();
  } finally {
    await http?.close();
    await stores?.close();
    await server?.stop();
  }
}
