/** A run over NATS with everything on this machine: what is missing is started for it and ended after it. */
import { type ChildProcess, fork } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import type { Graph, RunSettings } from '../graph/index.js';
import { entryUrl } from '../stream/entry.js';
import { connectNats, type NatsAccess, type NatsServer, startNatsServer } from '../stream/nats/index.js';
import { startProgram, workerAdapterOf } from './adapter-process.js';
import type { RunOptions } from './options.js';
import { type AdapterPlace, placeAdapters } from './partition/index.js';
import { checkFits, prepareRun } from './prepare.js';
import type { RunResult } from './results/index.js';
import type { RunController } from './run/controller.js';
import { isOver } from './run/model.js';
import { resultOf } from './run/result.js';
import { watchRun } from './run/watch.js';
import { hashToken, newToken } from './security/tokens.js';
import { startCoordinator } from './service.js';
import type { WorkerOptions } from './worker.js';
import type { ToWorkerProcess } from './worker-process.js';

export interface NatsRunOptions extends RunOptions {
  /** A server that is there already; undefined starts one (NIL_NATS_SERVER, or the first nats-server on the PATH). */
  readonly natsUrl?: string;
  /** Whom to trust and who one is there. */
  readonly nats?: Pick<NatsAccess, 'tls' | 'credentials'>;
  /** Tells the worker processes' ids once they are started, and whenever one has taken another's place: for tests that stop or kill one. */
  readonly onWorkers?: (pids: readonly number[]) => void;
  /** Tells the id of the nats-server's process, and again when it was started again. */
  readonly onServer?: (pid: number) => void;
  /** How often workers are asked for a sign of life, and after how long without one they are lost. */
  readonly heartbeatMs?: number;
  readonly deadlineMs?: number;
}

const CLOSE_MS = 2000;
/** For a fresh worker process to join. */
const SPARE_MS = 5000;
const SERVER_STARTS = 20;
const SERVER_RETRY_MS = 250;

/**
 * Runs a graph on `workers` processes over NATS. Resolves however the run ended: a failed or stopped one has what was recorded
 * until then. Leaves no process behind.
 * @throws InputError for options or a graph that can't be run as asked; RunError MEMORY_EXCEEDED where this machine is too small for it;
 * NilError when server or coordinator can't be started
 */
export async function runOverNats(
  given: Graph,
  settings: RunSettings,
  options: NatsRunOptions = {},
): Promise<RunResult> {
  const placed = options.placed ?? (await placeAdapters(given, settings, options));
  const { graph } = placed;
  const plan = prepareRun(graph, settings, { ...options, placed });
  checkFits(graph, plan, options, 'processes');
  const { threads = 1, signal } = options;
  const undo: (() => Promise<void>)[] = [];
  try {
    let nats: NatsAccess;
    if (options.natsUrl === undefined) {
      // What this run starts for itself is for nobody else on the machine.
      const token = randomBytes(32).toString('hex');
      const server = await keepNatsServer(token, options);
      undo.push(() => server.stop());
      nats = { url: server.url, credentials: { kind: 'token', token } };
    } else {
      nats = { ...options.nats, url: options.natsUrl };
      // A server that isn't there is told now: once the run is under way, losing it is something to wait out.
      await (await connectNats(nats)).close();
    }
    const token = newToken('federate');
    const federates = [{ role: 'federate' as const, hash: hashToken(token) }];
    const coordinator = await startCoordinator({
      natsUrl: nats.url,
      port: 0,
      security: { tokens: () => federates },
      heartbeatMs: options.heartbeatMs,
      deadlineMs: options.deadlineMs,
      // A process that is killed is replaced: worth waiting for.
      spareMs: SPARE_MS,
      log: options.log,
    });
    undo.push(() => coordinator.close());
    const run = coordinator.submit(graph, settings, { ...options, plan, placed });
    const address = coordinator.address;
    const start = (name: string, place?: AdapterPlace): ChildProcess =>
      (place && startProgram(place, { coordinator: address, token, nats, name })) ??
      startChild({
        coordinator: address,
        access: { token },
        nats,
        threads,
        name,
        adapter: place && workerAdapterOf(place),
      });
    const children = plan.federates.map(({ name, adapter }) =>
      start(
        name,
        placed.places.find((place) => place.name === adapter),
      ),
    );
    undo.push(() => endChildren(children));
    const told = (): void => options.onWorkers?.(children.flatMap(({ pid }) => pid ?? []));
    told();
    children.forEach((_, index) => {
      keepChild(run, children, index, start, told);
    });
    return await finish(run, options, signal);
  } finally {
    await undoAll(undo);
  }
}

/** All of it, whatever goes wrong with one. */
async function undoAll(undo: readonly (() => Promise<void>)[]): Promise<void> {
  const failures: unknown[] = [];
  for (const step of [...undo].reverse()) await step().catch((error: unknown) => failures.push(error));
  if (failures.length > 0) throw failures[0];
}

async function finish(run: RunController, options: RunOptions, signal?: AbortSignal): Promise<RunResult> {
  if (options.onProgress !== undefined) watchRun(run, options.onProgress);
  const stop = (): void => run.stop('interrupted');
  signal?.addEventListener('abort', stop, { once: true });
  if (signal?.aborted) stop();
  await run.over;
  signal?.removeEventListener('abort', stop);
  return resultOf(run.record());
}

function startChild(options: WorkerOptions): ChildProcess {
  const entry = entryUrl(import.meta.url, './worker-process.js');
  const child = fork(entry, [], {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    // Not the parent's loaders and debuggers.
    execArgv: [],
  });
  // Not as an argument: there are secrets in it, and every user can list those.
  child.send({ options } satisfies ToWorkerProcess, () => {});
  return child;
}

/** A worker that dies before it has joined fails the run, which would wait for it; one that dies later is replaced by a fresh one. */
function keepChild(
  run: RunController,
  children: ChildProcess[],
  index: number,
  start: (name: string) => ChildProcess,
  replaced: () => void,
): void {
  const { name, adapter } = run.request.plan.federates[index];
  children[index].once('exit', (code, signal) => {
    if (isOver(run.model) || run.model.state === 'stopping') return;
    if (run.model.state === 'pending') {
      const how = signal === null ? `status ${code}` : `signal ${signal}`;
      const message = `worker process ${name} ended with ${how} before it joined`;
      run.fail({ code: 'WORKER_DIED', message, exitStatus: 1 });
    } else if (run.request.recovery !== undefined && adapter === undefined) {
      children[index] = start(name);
      keepChild(run, children, index, start, replaced);
      replaced();
    }
  });
}

/** A server that is started again on the same port when it ends by itself. */
async function keepNatsServer(
  token: string,
  { recovery = true, onServer, log }: NatsRunOptions,
): Promise<Pick<NatsServer, 'url' | 'stop'>> {
  let server = await startNatsServer({ token });
  const { url } = server;
  const port = Number(new URL(url).port);
  let isStopped = false;
  const again = async (): Promise<void> => {
    for (let left = SERVER_STARTS; left > 0 && !isStopped; left--) {
      try {
        server = await startNatsServer({ token, port });
        if (isStopped) await server.stop();
        else watch();
        return;
      } catch (error) {
        log?.(`nats-server can't be started again: ${(error as Error).message}`);
        await new Promise((resolve) => setTimeout(resolve, SERVER_RETRY_MS));
      }
    }
  };
  const watch = (): void => {
    if (server.pid !== undefined) onServer?.(server.pid);
    void server.exited.then(() => {
      if (isStopped || !recovery) return;
      log?.(`nats-server ended, and is started again on port ${port}`);
      void again();
    });
  };
  watch();
  return {
    url,
    stop: () => {
      isStopped = true;
      return server.stop();
    },
  };
}

async function endChildren(children: readonly ChildProcess[]): Promise<void> {
  await Promise.all(
    children.map(async (child) => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
      if (child.connected) child.send('close' satisfies ToWorkerProcess, () => {});
      else child.stdin?.end();
      const timer = setTimeout(() => child.kill('SIGKILL'), CLOSE_MS);
      await exited;
      clearTimeout(timer);
    }),
  );
}
