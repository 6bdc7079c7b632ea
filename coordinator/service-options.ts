/** How a coordinator is asked for, and what runs it is given. */
import type { Graph, RunSettings } from '../graph/index.js';
import type { SubmitRequest } from '../proto/gen/nil/v1/control_pb.js';
import type { NatsIssuer } from '../stream/nats/index.js';
import type { KeptOptions } from './kept-run.js';
import type { Limits } from './limits.js';
import type { NodeInfo } from './member.js';
import { MOST_RECOVERIES, type RunOptions } from './options.js';
import type { RunController } from './run/controller.js';
import type { RecoveryRules } from './run/model.js';
import type { RunStatus } from './run/status.js';
import type { CoordinatorSecurity } from './security/open.js';
import type { Stores } from './store/index.js';

export interface CoordinatorOptions {
  /** The message bus that federates exchange events over, as the workers reach it. */
  readonly natsUrl: string;
  /** Authorities (PEM) of the bus's certificate, for workers that weren't told; undefined: no TLS unless the URL says so. */
  readonly natsCa?: string;
  /** Makes each federate's own user of the bus; undefined: the bus asks nobody, or workers have their own credentials. */
  readonly natsIssuer?: NatsIssuer;
  /** 127.0.0.1 when undefined; another than this machine's own needs `security`. */
  readonly host?: string;
  readonly security?: CoordinatorSecurity;
  readonly limits?: Partial<Limits>;
  /** Where checkpoints are kept; undefined: runs have none. Stays the caller's. */
  readonly stores?: Stores;
  /** 0 takes a free one; 7610 when undefined. */
  readonly port?: number;
  readonly heartbeatMs?: number;
  readonly deadlineMs?: number;
  /** For runs that don't say their own. */
  readonly timeoutMs?: number;
  /** How long a lost federate waits for a worker that is free before it goes on with one that has others; 1 second when undefined. */
  readonly spareMs?: number;
  /** Say why, when nothing moves for so long, for runs that don't say their own. */
  readonly stallAfterMs?: number;
  /** Told of every run that begins or is taken up. */
  readonly onRun?: (run: RunController) => void;
  /** What happens, in lines for a log. */
  readonly log?: (line: string) => void;
}

export const DEFAULT_PORT = 7610;
export const HEARTBEAT_MS = 1000;
export const DEADLINE_MS = 5000;

export interface SubmitOptions
  extends Pick<
    RunOptions,
    | 'workers'
    | 'threads'
    | 'windowSteps'
    | 'creditNs'
    | 'creditBytes'
    | 'timeoutMs'
    | 'plan'
    | 'profile'
    | 'saving'
    | 'resumed'
    | 'recovery'
    | 'maxRecoveries'
    | 'stallAfterMs'
    | 'pace'
    | 'placed'
  > {
  /** A new one when undefined. */
  readonly runId?: string;
}

export interface Coordinator {
  /** `host:port` where workers join and clients ask. */
  readonly address: string;
  submit(graph: Graph, settings: RunSettings, options?: SubmitOptions): RunController;
  nodes(): readonly NodeInfo[];
  status(runId?: string): readonly RunStatus[];
  /** Ends what goes on and every stream. */
  close(): Promise<void>;
}

/** How a run answers losses: within the coordinator's deadline, unless it is asked not to. */
export function recoveryOf(
  { recovery = true, maxRecoveries = MOST_RECOVERIES }: SubmitOptions,
  { deadlineMs = DEADLINE_MS }: CoordinatorOptions,
): RecoveryRules | undefined {
  return recovery ? { most: maxRecoveries, deadlineMs } : undefined;
}

/** What has to be known of a run to run it again. */
export function keptOptions(
  options: SubmitOptions,
  { everyNs, everyWallMs }: { readonly everyNs?: number; readonly everyWallMs?: number },
): KeptOptions {
  const { threads = 1, windowSteps, creditNs, creditBytes, timeoutMs, profile } = options;
  const { recovery, maxRecoveries, stallAfterMs, pace } = options;
  return {
    ...{ threads, windowSteps, creditNs, creditBytes, timeoutMs, everyNs, everyWallMs, profile },
    ...{ recovery, maxRecoveries, stallAfterMs, pace },
  };
}

/** What a client asks for; 0 and empty is nothing. */
export function submitOptionsOf(request: SubmitRequest): SubmitOptions {
  return {
    pace: request.speed > 0 ? { speed: request.speed } : undefined,
    workers: request.workers || undefined,
    threads: request.threads || undefined,
    windowSteps: request.windowSteps || undefined,
    creditNs: Number(request.creditNs) || undefined,
    creditBytes: Number(request.creditBytes) || undefined,
    timeoutMs: request.timeoutMs || undefined,
    runId: request.runId || undefined,
    recovery: !request.noRecovery,
    maxRecoveries: request.maxRecoveries || undefined,
  };
}
