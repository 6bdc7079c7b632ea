/** What passes between a federate's thread and its owner. */
import type { Assignment, Command, FederateReport, KernelBytes } from '../../nodes/index.js';
import type { EmbeddedLinks } from '../../stream/embedded/index.js';
import type { NatsAccess } from '../../stream/nats/index.js';

/** How the federate reaches the others. */
export type ThreadLink =
  | { readonly kind: 'embedded'; readonly links: EmbeddedLinks }
  | {
      readonly kind: 'nats';
      readonly nats: NatsAccess;
      readonly creditNs?: number;
      readonly creditBytes?: number;
    };

export interface ThreadInput {
  readonly assignment: Assignment;
  readonly link: ThreadLink;
  /** One Int32: the command's number. Read once a window, so that a thread that never looks at its port obeys too. */
  readonly command: SharedArrayBuffer;
}

/** Compiled kernels (undefined: interpret) come once, while the thread expands its connectivity. */
export type ToThread = 'start' | 'stop' | { readonly kernels: KernelBytes | undefined };
export type FromThread = FederateReport;

const COMMANDS: readonly Command[] = ['run', 'pause', 'stop'];

export function newCommand(): SharedArrayBuffer {
  return new SharedArrayBuffer(4);
}

export function readCommand(memory: SharedArrayBuffer): () => Command {
  const cell = new Int32Array(memory);
  return () => COMMANDS[Atomics.load(cell, 0)];
}

export function writeCommand(memory: SharedArrayBuffer, command: Command): void {
  Atomics.store(new Int32Array(memory), 0, COMMANDS.indexOf(command));
}

/** Buffers of a report that can change hands instead of being copied. */
export function transferables(report: FederateReport): ArrayBuffer[] {
  if (report.kind !== 'record') return [];
  const { counts, neurons, states } = report.chunk;
  return [counts, neurons, ...states.map(({ values }) => values)].flatMap((column) =>
    column.buffer instanceof ArrayBuffer && column.byteLength === column.buffer.byteLength
      ? [column.buffer]
      : [],
  );
}
