/** What a controller is asked for. */
import type { Lowered } from '../../adapters/index.js';
import type { Graph } from '../../graph/types.js';
import type { Assignment, Pace } from '../../nodes/index.js';
import type { Checkpoint } from '../checkpoint/index.js';
import type { Transport } from '../results/index.js';
import type { NewRun } from './lifecycle.js';
import type { Recovery, RunModel } from './model.js';
import type { RunRecord } from './result.js';
import type { Saving } from './saving.js';

export interface RunRequest extends NewRun {
  readonly graph: Graph;
  readonly threads: number;
  readonly windowSteps?: number;
  readonly reportMs: number;
  readonly profile?: boolean;
  readonly transport: Transport;
  /** Records that may be kept in memory: beyond it the run is ended. Undefined: no limit. */
  readonly mostBytes?: number;
  /** Absent: the run makes no checkpoints. */
  readonly saving?: Saving;
  /** What it goes on from; the plan begins there. */
  readonly resumed?: Checkpoint;
  readonly creditNs?: number;
  readonly creditBytes?: number;
  /** Federates wait for places: see `homeless`. */
  readonly onHomeless?: () => void;
  /** What happens to it, in lines for a log: losses, and why nothing moves. */
  readonly log?: (line: string) => void;
  /** Keeps what a coordinator that comes back has to know, before it is acted upon. */
  readonly keep?: (kept: KeptState) => Promise<void>;
  /** Keeps the record of a run that is over, before anybody lets go of it. */
  readonly keepResult?: (record: RunRecord) => Promise<void>;
  /** What one before this coordinator knew of the run. */
  readonly known?: KnownRun;
  readonly pace?: Pace;
  /** What was changed of the graph so that adapters can hold it. */
  readonly lowered?: readonly Lowered[];
}

/** What has to be known of a run to take it up again. */
export interface KeptState {
  readonly state: 'assigned' | 'running';
  /** By federate. */
  readonly incarnations: readonly number[];
  readonly workers: readonly string[];
  /** Nobody goes on from before this time. */
  readonly durableNs: number;
  readonly recoveries: readonly Recovery[];
}

export interface KnownRun extends KeptState {
  /** The checkpoint at `durableNs`; absent where the run began there. */
  readonly checkpoint?: Checkpoint;
  /** How often a coordinator took up the run, from 1. */
  readonly epoch: number;
}

/** Who goes on with a run is told apart from those who began it. */
export function incarnationOf({ resumed }: RunRequest): number {
  return resumed === undefined ? 1 : resumed.manifest.incarnation + 1;
}

/** What the present incarnation of a federate is told. */
export function assignmentOf(request: RunRequest, model: RunModel, federate: number): Assignment {
  const { runId, graph, plan, threads, windowSteps, reportMs, profile, saving, recovery, pace } = request;
  const { incarnation, from } = model.federates[federate];
  const incarnations = model.federates.map((own) => own.incarnation);
  const isAdapter = plan.federates[federate].adapter !== undefined;
  return {
    ...{ runId, incarnation, graph, plan, federate, threads, windowSteps, reportMs, profile, pace },
    // An adapter can't be set back, so it saves nothing; the run's writer makes its part of a checkpoint from its log.
    checkpoints: saving === undefined || isAdapter ? undefined : { everyNs: saving.everyNs },
    ...(saving !== undefined && isAdapter ? { keepRecords: true } : {}),
    ...(recovery === undefined ? {} : { incarnations, startNs: from?.clockNs, retain: true }),
  };
}
