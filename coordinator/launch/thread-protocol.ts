/** What passes between a federate's thread and its owner. */
import type {
  Assignment,
  Command,
  EmissionLog,
  EngineSnapshot,
  FederateReport,
  KernelBytes,
  PeerNews,
  SaveRequests,
} from '../../nodes/index.js';
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
      /** Where others may be started again: what of that which was sent is kept in memory; the rest goes to files in `spillDir`. */
      readonly retainBytes?: number;
      /** The system's directory for temporary files when undefined. */
      readonly spillDir?: string;
    };

/** What the federate of an adapter is here: a plug-in's module, or the log of what another one emitted. */
export type ThreadAdapter =
  | { readonly kind: 'plugin'; readonly url: string; readonly config?: Readonly<Record<string, unknown>> }
  | { readonly kind: 'replay'; readonly logs: readonly EmissionLog[] };

export interface ThreadInput {
  /** Absent for software. */
  readonly adapter?: ThreadAdapter;
  readonly assignment: Assignment;
  readonly link: ThreadLink;
  /** Int32s: the command's number, then the requests to save. Read once a window, so that a thread that never looks at its port obeys too. */
  readonly command: SharedArrayBuffer;
}

/** Compiled kernels (undefined: interpret) come once, while the thread expands its connectivity; and what it goes on from, if anything. */
export type ToThread =
  | 'start'
  | 'stop'
  | { readonly news: PeerNews }
  | { readonly kernels: KernelBytes | undefined; readonly snapshots: readonly EngineSnapshot[] | undefined };
/** `loaded` comes first: its files are read. */
export type FromThread = FederateReport | 'loaded';

const COMMANDS: readonly Command[] = ['run', 'pause', 'stop'];

export function newCommand(): SharedArrayBuffer {
  return new SharedArrayBuffer(16);
}

export function readCommand(memory: SharedArrayBuffer): () => Command {
  const cell = new Int32Array(memory);
  return () => COMMANDS[Atomics.load(cell, 0)];
}

export function writeCommand(memory: SharedArrayBuffer, command: Command): void {
  Atomics.store(new Int32Array(memory), 0, COMMANDS.indexOf(command));
}

const ASKED = 1;
const DECIDED = 2;
const AT_STEP = 3;

export function readSaveRequests(memory: SharedArrayBuffer): () => SaveRequests {
  const cells = new Uint32Array(memory);
  // The decision is read before its step, which is written before it.
  return () => ({
    asked: Atomics.load(cells, ASKED),
    decided: Atomics.load(cells, DECIDED),
    atStep: Atomics.load(cells, AT_STEP),
  });
}

export function writeSaveRequests(memory: SharedArrayBuffer, { asked, decided, atStep }: SaveRequests): void {
  const cells = new Uint32Array(memory);
  Atomics.store(cells, AT_STEP, atStep);
  Atomics.store(cells, DECIDED, decided);
  Atomics.store(cells, ASKED, asked);
}

/** Buffers of a report that can change hands instead of being copied. */
export function transferables(report: FederateReport): ArrayBuffer[] {
  return columnsOf(report).flatMap((column) =>
    column.buffer instanceof ArrayBuffer && column.byteLength === column.buffer.byteLength
      ? [column.buffer]
      : [],
  );
}

function columnsOf(report: FederateReport): (Uint32Array | Float32Array | Float64Array)[] {
  if (report.kind === 'record') {
    const { counts, neurons, states } = report.chunk;
    return [counts, neurons, ...states.map(({ values }) => values)];
  }
  if (report.kind !== 'snapshot') return [];
  const { parts, emitted } = report.snapshot;
  const { spikes, signals } = emitted;
  const emissions = [spikes.counts, spikes.neurons, spikes.values, signals];
  return [
    ...parts.flatMap(({ state }) => Object.values(state)),
    ...emissions.filter((column) => column !== undefined),
  ];
}
