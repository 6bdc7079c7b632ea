/** A run over NATS with everything on this machine: what is missing is started for it and ended after it. */
import { type ChildProcess, fork } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import type { Graph, RunSettings } from '../graph/index.js';
import { entryUrl } from '../stream/entry.js';
import { type NatsAccess, startNatsServer } from '../stream/nats/index.js';
import type { RunOptions } from './options.js';
import { prepareRun } from './prepare.js';
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
  /** Tells the worker processes' ids once they are started: for tests that stop or kill one. */
  readonly onWorkers?: (pids: readonly number[]) => void;
}

const CLOSE_MS = 2000;

/**
 * Runs a graph on `workers` processes over NATS. Resolves however the run ended: a failed or stopped one has what was recorded
 * until then. Leaves no process behind.
 * @throws InputError for options or a graph that can't be run as asked; NilError when server or coordinator can't be started
 */
export async function runOverNats(
  graph: Graph,
  settings: RunSettings,
  options: NatsRunOptions = {},
): Promise<RunResult> {
  const plan = prepareRun(graph, settings, options);
  const { threads = 1, signal } = options;
  const undo: (() => Promise<void>)[] = [];
  try {
    let nats: NatsAccess;
    if (options.natsUrl === undefined) {
      // What this run starts for itself is for nobody else on the machine.
      const token = randomBytes(32).toString('hex');
      const server = await startNatsServer({ token });
      undo.push(() => server.stop());
      nats = { url: server.url, credentials: { kind: 'token', token } };
    } else nats = { ...options.nats, url: options.natsUrl };
    const token = newToken('federate');
    const federates = [{ role: 'federate' as const, hash: hashToken(token) }];
    const coordinator = await startCoordinator({
      natsUrl: nats.url,
      port: 0,
      security: { tokens: () => federates },
    });
    undo.push(() => coordinator.close());
    const run = coordinator.submit(graph, settings, { ...options, plan });
    const children = plan.federates.map(({ name }) =>
      startChild({ coordinator: coordinator.address, access: { token }, nats, threads, name }),
    );
    undo.push(() => endChildren(children));
    options.onWorkers?.(children.flatMap(({ pid }) => pid ?? []));
    failWithChildren(run, children);
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

/** A worker that dies before it has joined would leave the run waiting for it. */
function failWithChildren(run: RunController, children: readonly ChildProcess[]): void {
  children.forEach((child, index) => {
    const { name } = run.request.plan.federates[index];
    child.once('exit', (code, signal) => {
      if (isOver(run.model) || run.model.state !== 'pending') return;
      const how = signal === null ? `status ${code}` : `signal ${signal}`;
      const message = `worker process ${name} ended with ${how} before it joined`;
      run.fail({ code: 'WORKER_DIED', message, exitStatus: 1 });
    });
  });
}

async function endChildren(children: readonly ChildProcess[]): Promise<void> {
  await Promise.all(
    children.map(async (child) => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
      if (child.connected) child.send('close' satisfies ToWorkerProcess, () => {});
      const timer = setTimeout(() => child.kill('SIGKILL'), CLOSE_MS);
      await exited;
      clearTimeout(timer);
    }),
  );
}
