/** Starts the emulated board, and asks it. */
import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface, type Interface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const EMULATOR = fileURLToPath(new URL('./emulator.mjs', import.meta.url));

export class Emulator {
  readonly scp: number;
  readonly inject: number;
  readonly #process: ChildProcess;
  readonly #lines: AsyncIterator<string>;

  private constructor(
    process: ChildProcess,
    lines: AsyncIterator<string>,
    ports: { scp: number; inject: number },
  ) {
    this.#process = process;
    this.#lines = lines;
    this.scp = ports.scp;
    this.inject = ports.inject;
  }

  static async start(settings: Readonly<Record<string, unknown>>): Promise<Emulator> {
    const child = spawn(process.execPath, [EMULATOR, JSON.stringify(settings)], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    const reader: Interface = createInterface({ input: child.stdout });
    const lines = reader[Symbol.asyncIterator]();
    const { value, done } = await lines.next();
    if (done === true) throw new Error('the emulator ended before it was ready');
    return new Emulator(child, lines, JSON.parse(value) as { scp: number; inject: number });
  }

  /** @param line `stop` has the toolchain say that it stopped the board. */
  async counters(line = 'counters'): Promise<Record<string, number>> {
    this.#process.stdin?.write(`${line}\n`);
    const { value } = await this.#lines.next();
    return JSON.parse(value as string) as Record<string, number>;
  }

  stop(): void {
    this.#process.stdin?.end();
  }
}
