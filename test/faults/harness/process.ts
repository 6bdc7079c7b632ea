/** A real process that can be killed, stopped and continued, with what it said. */
import { type ChildProcess, spawn } from 'node:child_process';
import { appendFileSync } from 'node:fs';

export interface ProcessOptions {
  readonly command: string;
  readonly args: readonly string[];
  readonly env: NodeJS.ProcessEnv;
  /** Everything that it says goes there too. */
  readonly log: string;
  readonly cwd?: string;
}

export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

const LONGEST_TEXT = 200_000;

export class Process {
  readonly name: string;
  readonly pid: number;
  readonly exited: Promise<Exit>;
  /** The last of what it wrote to stdout and stderr. */
  text = '';
  exit: Exit | undefined;
  /** Somebody took its chance to clean up after itself. */
  killed = false;
  #stopped = false;
  readonly #child: ChildProcess;

  /** @param name of the log's lines */
  constructor(name: string, { command, args, env, log, cwd }: ProcessOptions) {
    this.name = name;
    const child = spawn(command, [...args], { env, cwd, stdio: ['ignore', 'pipe', 'pipe'] });
    this.#child = child;
    const hear = (data: Buffer): void => {
      this.text = (this.text + data.toString()).slice(-LONGEST_TEXT);
      appendFileSync(log, data);
    };
    child.stdout.on('data', hear);
    child.stderr.on('data', hear);
    this.exited = new Promise((resolve) => {
      const ended = (exit: Exit): void => {
        this.exit = exit;
        resolve(exit);
      };
      child.once('error', (error) => {
        this.text += error.message;
        ended({ code: -1, signal: null });
      });
      child.once('exit', (code, signal) => ended({ code, signal }));
    });
    this.pid = child.pid ?? -1;
  }

  get alive(): boolean {
    return this.exit === undefined;
  }

  signal(signal: NodeJS.Signals): void {
    if (!this.alive) return;
    this.#stopped = signal === 'SIGSTOP' || (this.#stopped && signal !== 'SIGCONT');
    this.#child.kill(signal);
  }

  /** kill -9. */
  async kill(): Promise<void> {
    if (!this.alive) return;
    this.killed = true;
    this.signal('SIGKILL');
    await this.exited;
  }

  /** Asks it to end. @returns why it can't be said to have ended well; undefined when it has, or was killed before */
  async end(withinMs: number): Promise<string | undefined> {
    if (this.killed) return undefined;
    if (!this.alive) return `${this.name} had ended by itself: ${this.#how()}`;
    if (this.#stopped) this.signal('SIGCONT');
    this.signal('SIGTERM');
    const timer = setTimeout(() => void this.kill(), withinMs);
    await this.exited;
    clearTimeout(timer);
    if (this.killed) return `${this.name} had not ended ${withinMs} ms after it was asked to`;
    return this.exit?.code === 0 || this.exit?.signal === 'SIGTERM'
      ? undefined
      : `${this.name} ended: ${this.#how()}`;
  }

  /** Waits until it has said something. @throws when it ends before, or takes too long */
  async says(pattern: RegExp, withinMs = 20_000): Promise<RegExpExecArray> {
    const deadline = performance.now() + withinMs;
    for (;;) {
      const found = pattern.exec(this.text);
      if (found !== null) return found;
      const what = `${this.name} has not said ${pattern}: ${this.text.trim().split('\n').slice(-3).join(' | ')}`;
      if (!this.alive) throw new Error(`${what} (it ended: ${this.#how()})`);
      if (performance.now() > deadline) throw new Error(what);
      await sleep(10);
    }
  }

  #how(): string {
    const { code, signal } = this.exit ?? { code: null, signal: null };
    const last = this.text.trim().split('\n').at(-1) ?? '';
    return `${signal ?? `status ${code}`}${last === '' ? '' : `, its last line: ${last}`}`;
  }
}

export const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Waits until something is so. @throws with what `problem` says when it takes too long */
export async function until(
  holds: () => boolean | Promise<boolean>,
  problem: () => string,
  withinMs: number,
  everyMs = 20,
): Promise<void> {
  const deadline = performance.now() + withinMs;
  while (!(await holds())) {
    if (performance.now() > deadline) throw new Error(problem());
    await sleep(everyMs);
  }
}
