import type { Io } from '../cli/io.js';
import { main } from '../cli/program.js';

export interface Told {
  readonly status: number;
  readonly out: string;
  readonly err: string;
}

export interface TestIo extends Io {
  /** As Ctrl-C does. */
  interrupt(): void;
  readonly told: { out: string; err: string; exits: number[] };
}

/** A terminal, or two pipes, that remember what was written. */
export function testIo(
  options: { readonly tty?: boolean; readonly columns?: number; readonly env?: Io['env'] } = {},
): TestIo {
  const { tty = false, columns = 100, env = {} } = options;
  const told = { out: '', err: '', exits: [] as number[] };
  const listeners = new Set<() => void>();
  const sink = (name: 'out' | 'err'): Io['out'] => ({
    write(text) {
      told[name] += text;
      return true;
    },
    drained: () => Promise.resolve(),
    gone: false,
    isTTY: tty,
    columns,
  });
  return {
    out: sink('out'),
    err: sink('err'),
    env,
    told,
    onInterrupt(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    exit: (status) => told.exits.push(status),
    interrupt() {
      for (const listener of listeners) listener();
    },
  };
}

/** A command line in this process. */
export async function nil(...argv: string[]): Promise<Told> {
  const io = testIo();
  const status = await main(argv, io);
  return { status, out: io.told.out, err: io.told.err };
}
