/** A client of a coordinator: submits, watches and stops runs, fetches their results. */
import { randomUUID } from 'node:crypto';
import { NilError } from '../graph/errors.js';
import { type Graph, graphToBytes, type RunSettings } from '../graph/index.js';
import { Control } from '../proto/gen/nil/v1/control_pb.js';
import { callServerStream, callUnary } from './grpc/bridge.js';
import { resultFromReplies } from './grpc/results-convert.js';
import { statusFromMessage } from './grpc/status-convert.js';
import type { NodeInfo } from './member.js';
import type { RunOptions } from './options.js';
import type { RunResult } from './results/index.js';
import { isOver } from './run/model.js';
import type { RunStatus } from './run/status.js';
import { type CoordinatorAccess, connectGrpc } from './security/tls.js';

export type SubmitSettings = Pick<
  RunOptions,
  | 'workers'
  | 'threads'
  | 'windowSteps'
  | 'creditNs'
  | 'creditBytes'
  | 'timeoutMs'
  | 'recovery'
  | 'maxRecoveries'
  | 'pace'
  | 'lower'
> & {
  /** Biological and wall time from one checkpoint to the next. */
  readonly checkpointEveryNs?: number;
  readonly checkpointEveryWallMs?: number;
};

export interface ResumeSettings extends Pick<RunOptions, 'workers' | 'threads' | 'timeoutMs'> {
  /** Time of the checkpoint; the newest when undefined. */
  readonly atNs?: number;
}

export interface ClusterStatus {
  readonly runs: readonly RunStatus[];
  readonly workersJoined: number;
  readonly workersFree: number;
}

/** Every method rejects with a NilError: the coordinator's own, or COORDINATOR_UNREACHABLE. */
export interface Client {
  /** @returns the run's id */
  submit(graph: Graph, settings: RunSettings, options?: SubmitSettings): Promise<string>;
  /** Of one run (an id or the beginning of one), or of all. */
  status(runId?: string): Promise<ClusterStatus>;
  nodes(): Promise<readonly NodeInfo[]>;
  /** A status now, after changes, and the last one when the run is over. */
  watch(runId: string, signal?: AbortSignal): AsyncGenerator<RunStatus>;
  /** Resolves with the last status when the run is over. */
  stop(runId: string, reason?: string): Promise<RunStatus>;
  /** Resolves with its time when it is written. */
  checkpoint(runId: string): Promise<{ readonly runId: string; readonly atNs: number }>;
  /** Goes on with a run that ended too early. @returns the run's id */
  resume(runId: string, options?: ResumeSettings): Promise<string>;
  /** Of a run that is over, however it ended. */
  results(runId: string): Promise<RunResult>;
  close(): void;
}

/** How long a client waits for a coordinator that is away. */
export interface Patience {
  /** Before it has ever answered this client. */
  readonly firstMs: number;
  /** One that has answered before, and so is going to come back. */
  readonly laterMs: number;
  /** Told once each time that it is away. */
  readonly onAway?: (forMs: number) => void;
}

const NO_PATIENCE: Patience = { firstMs: 0, laterMs: 0 };

/** @throws InputError for certificates that can't be used, and for a token that would be sent unencrypted */
export function connectClient(
  address: string,
  access: CoordinatorAccess = {},
  patience: Patience = NO_PATIENCE,
): Client {
  const client = connectGrpc(address, access);
  const patient = new PatientCalls(patience);
  const { method } = Control;
  return {
    async submit(graph, settings, options = {}) {
      // Asked twice, it is one run.
      const id = randomUUID();
      const { runId } = await patient.call(() =>
        callUnary(client, method.submit, {
          graph: graphToBytes(graph),
          dtNs: BigInt(settings.dtNs),
          durationNs: BigInt(settings.durationNs),
          seed: BigInt(settings.seed),
          workers: options.workers ?? 0,
          threads: options.threads ?? 0,
          windowSteps: options.windowSteps ?? 0,
          creditNs: BigInt(options.creditNs ?? 0),
          creditBytes: BigInt(options.creditBytes ?? 0),
          timeoutMs: options.timeoutMs ?? 0,
          noRecovery: options.recovery === false,
          maxRecoveries: options.maxRecoveries ?? 0,
          checkpointEveryNs: BigInt(options.checkpointEveryNs ?? 0),
          checkpointEveryWallMs: options.checkpointEveryWallMs ?? 0,
          speed: options.pace?.speed ?? 0,
          lower: options.lower ?? false,
          runId: id,
        }),
      );
      return runId;
    },
    async checkpoint(runId) {
      const reply = await patient.call(() => callUnary(client, method.makeCheckpoint, { runId }));
      return { runId: reply.runId, atNs: Number(reply.atNs) };
    },
    async resume(runId, { workers = 0, threads = 0, timeoutMs = 0, atNs = 0 } = {}) {
      const request = { runId, workers, threads, timeoutMs, atNs: BigInt(atNs) };
      return (await patient.call(() => callUnary(client, method.resumeRun, request))).runId;
    },
    async status(runId = '') {
      const { runs, workersJoined, workersFree } = await patient.call(() =>
        callUnary(client, method.status, { runId }),
      );
      return { runs: runs.map(statusFromMessage), workersJoined, workersFree };
    },
    async nodes() {
      const { nodes } = await patient.call(() => callUnary(client, method.nodes, {}));
      return nodes.map((node) => ({ ...node, memoryBytes: Number(node.memoryBytes) }));
    },
    async *watch(runId, signal) {
      yield* patient.watch(
        () => callServerStream(client, method.watch, { runId }, signal),
        statusFromMessage,
        isOver,
        signal,
      );
    },
    async stop(runId, reason = '') {
      return statusFromMessage(
        await patient.call(() => callUnary(client, method.stopRun, { runId, reason })),
      );
    },
    results: (runId) =>
      patient.call(() => resultFromReplies(runId, callServerStream(client, method.results, { runId }))),
    close: () => client.close(),
  };
}

/** Between attempts. */
const RETRY_MS = 300;

/** Calls that are made again while the coordinator is away. */
class PatientCalls {
  readonly #patience: Patience;
  #hasAnswered = false;

  constructor(patience: Patience) {
    this.#patience = patience;
  }

  async call<T>(make: () => Promise<T>): Promise<T> {
    const away = this.#away();
    for (;;) {
      try {
        const answer = await make();
        this.#hasAnswered = true;
        return answer;
      } catch (error) {
        await away(error);
      }
    }
  }

  /** Goes on with a stream that broke off, until `isLast` has come. */
  async *watch<M, T>(
    open: () => AsyncIterable<M>,
    convert: (message: M) => T,
    isLast: (value: T) => boolean,
    signal?: AbortSignal,
  ): AsyncGenerator<T> {
    let away = this.#away();
    while (!signal?.aborted) {
      try {
        for await (const message of open()) {
          this.#hasAnswered = true;
          away = this.#away();
          const value = convert(message);
          yield value;
          if (isLast(value)) return;
        }
        return;
      } catch (error) {
        await away(error);
      }
    }
  }

  /** Waits a moment, or throws the error that there is no waiting for. */
  #away(): (error: unknown) => Promise<void> {
    let deadline: number | undefined;
    return async (error) => {
      const isAway = error instanceof NilError && error.code === 'COORDINATOR_UNREACHABLE';
      const { firstMs, laterMs, onAway } = this.#patience;
      const forMs = this.#hasAnswered ? laterMs : firstMs;
      if (!isAway || forMs === 0) throw error;
      if (deadline === undefined) onAway?.(forMs);
      deadline ??= performance.now() + forMs;
      if (performance.now() > deadline) throw error;
      await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
    };
  }
}
