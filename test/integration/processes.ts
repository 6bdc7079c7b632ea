/** `nil` as processes of their own, for tests that kill them. */
import { type ChildProcess, spawn } from 'node:child_process';
import { createServer } from 'node:net';
import { fileURLToPath } from 'node:url';

const MAIN = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));

export interface NilProcess {
  readonly child: ChildProcess;
  /** All that it wrote to stderr. */
  log(): string;
  /** Resolves when it has written this to stderr. */
  says(text: string): Promise<void>;
  /** Its exit status; null when it was killed. */
  readonly exited: Promise<number | null>;
}

const started = new Set<ChildProcess>();

export function startNil(...argv: readonly string[]): NilProcess {
  const child = spawn(process.execPath, [MAIN, ...argv], { stdio: ['ignore', 'ignore', 'pipe'] });
  started.add(child);
  let text = '';
  const listeners = new Set<() => void>();
  child.stderr.on('data', (more: Buffer) => {
    text += more.toString();
    for (const listener of listeners) listener();
  });
  return {
    child,
    log: () => text,
    says: (what) =>
      new Promise((resolve) => {
        const look = (): void => {
          if (!text.includes(what)) return;
          listeners.delete(look);
          resolve();
        };
        listeners.add(look);
        look();
      }),
    exited: new Promise((resolve) => {
      child.once('exit', (status) => {
        started.delete(child);
        resolve(status);
      });
    }),
  };
}

/** Whatever is left. */
export async function endAll(): Promise<void> {
  const ends = [...started].map((child) => new Promise((resolve) => child.once('exit', resolve)));
  for (const child of started) {
    child.kill('SIGCONT');
    child.kill('SIGKILL');
  }
  await Promise.all(ends);
}

/** A port that is free now, for a server that is started twice. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === 'object' && address !== null ? address.port : 0;
}
