/** What a worker is started with, and how it is ended. */
import type { Progress } from '../nodes/index.js';
import type { NatsAccess, TlsFiles } from '../stream/nats/index.js';
import type { Hello as AdapterHello } from './grpc/adapter-convert.js';
import type { CoordinatorAccess } from './security/tls.js';

export interface WorkerOptions {
  /** `host:port` of the coordinator. */
  readonly coordinator: string;
  /** Who this worker is to the coordinator, and whom it trusts. */
  readonly access?: CoordinatorAccess;
  /** The message bus as this machine reaches it, and who it is there; what the coordinator says where undefined. */
  readonly nats?: Partial<NatsAccess>;
  /** What it trusts and shows where the bus has TLS and `nats` doesn't say. */
  readonly natsIdentity?: TlsFiles;
  /** Threads that a partition may use; 1 when undefined. */
  readonly threads?: number;
  /** Unique among workers; host name and process id when undefined. */
  readonly name?: string;
  /** What it is instead of software. */
  readonly adapter?: WorkerAdapter;
  /** Of what a federate sent and others may need again, this much stays in memory (`DEFAULT_RETAINED_BYTES` when undefined). */
  readonly retainBytes?: number;
  /** Where the rest of it goes; the system's directory for temporary files when undefined. */
  readonly spillDir?: string;
  /** Most memory that this process may take by the estimate of what it holds; what needs more is refused. The limit of its control group, or this
   * machine's memory, when undefined. */
  readonly memoryBytes?: number;
  /** What happens, in lines for a log. */
  readonly log?: (line: string) => void;
}

/** An adapter that joins: the plug-in's module, and what it says of itself. */
export interface WorkerAdapter extends AdapterHello {
  readonly url: string;
  /** Goes before what the graph says. */
  readonly config?: Readonly<Record<string, unknown>>;
}

/** A federate that a worker holds; its last report is absent before the first. */
export interface HeldStatus {
  readonly runId: string;
  readonly name: string;
  readonly progress?: Progress;
}

export interface WorkerStatus {
  /** Has joined, and the stream is open. */
  readonly joined: boolean;
  readonly threads: number;
  readonly memoryBytes: number;
  readonly federates: readonly HeldStatus[];
}

export interface WorkerProcess {
  readonly name: string;
  status(): WorkerStatus;
  /** Leaves when what it holds goes on elsewhere, or after `withinMs`. */
  leave(reason: string, withinMs: number): Promise<void>;
  /** Resolves after `close`; rejects when the coordinator refuses this worker. */
  readonly closed: Promise<void>;
  /** Stops what it runs (what was recorded is flushed) and leaves. */
  close(): Promise<void>;
}
