/** A client of a coordinator: submits, watches and stops runs, fetches their results. */
import { type Graph, graphToBytes, type RunSettings } from '../graph/index.js';
import { Control } from '../proto/gen/nil/v1/control_pb.js';
import { callServerStream, callUnary } from './grpc/bridge.js';
import { resultFromReplies } from './grpc/results-convert.js';
import { statusFromMessage } from './grpc/status-convert.js';
import type { NodeInfo } from './member.js';
import type { RunOptions } from './options.js';
import type { RunResult } from './results/index.js';
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

/** @throws InputError for certificates that can't be used, and for a token that would be sent unencrypted */
export function connectClient(address: string, access: CoordinatorAccess = {}): Client {
  const client = connectGrpc(address, access);
  const { method } = Control;
  return {
    async submit(graph, settings, options = {}) {
      const { runId } = await callUnary(client, method.submit, {
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
      });
      return runId;
    },
    async checkpoint(runId) {
      const reply = await callUnary(client, method.makeCheckpoint, { runId });
      return { runId: reply.runId, atNs: Number(reply.atNs) };
    },
    async resume(runId, { workers = 0, threads = 0, timeoutMs = 0, atNs = 0 } = {}) {
      const request = { runId, workers, threads, timeoutMs, atNs: BigInt(atNs) };
      return (await callUnary(client, method.resumeRun, request)).runId;
    },
    async status(runId = '') {
      const { runs, workersJoined, workersFree } = await callUnary(client, method.status, { runId });
      return { runs: runs.map(statusFromMessage), workersJoined, workersFree };
    },
    async nodes() {
      const { nodes } = await callUnary(client, method.nodes, {});
      return nodes.map((node) => ({ ...node, memoryBytes: Number(node.memoryBytes) }));
    },
    async *watch(runId, signal) {
      for await (const status of callServerStream(client, method.watch, { runId }, signal)) {
        yield statusFromMessage(status);
      }
    },
    async stop(runId, reason = '') {
      return statusFromMessage(await callUnary(client, method.stopRun, { runId, reason }));
    },
    results: (runId) => resultFromReplies(runId, callServerStream(client, method.results, { runId })),
    close: () => client.close(),
  };
}
