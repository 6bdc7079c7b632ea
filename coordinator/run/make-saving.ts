/** A run's checkpoints, as its request asks for them. */
import { RunError } from '../../graph/errors.js';
import type { EmissionLog, RecordChunk, SaveRequests } from '../../nodes/index.js';
import type { RunModel } from './model.js';
import type { RunRequest } from './request.js';
import { RunSaving, type Saving } from './saving.js';

/** Requests to save of one coordinator, at most. */
const REQUESTS = 1 << 20;

export interface SavingRun {
  readonly model: () => RunModel;
  readonly chunks: (federate: number) => readonly RecordChunk[];
  readonly logs: (federate: number) => readonly EmissionLog[];
  readonly isWhole: () => boolean;
  readonly tell: (requests: SaveRequests, federates: readonly number[]) => void;
  readonly onWritten: () => void;
}

/** @param run Of the run as it is whenever it is asked. */
export function makeSaving(request: RunRequest, saving: Saving, run: SavingRun): RunSaving {
  const { runId, graph, plan, threads, windowSteps, creditNs, creditBytes, known } = request;
  const { everyNs, everyWallMs } = saving;
  const from = known === undefined ? request.resumed : known.checkpoint;
  const software = plan.federates.filter(({ adapter }) => adapter === undefined).map(({ index }) => index);
  return new RunSaving({
    saving,
    graph,
    plan,
    head: {
      runId,
      workers: plan.federates.length,
      threads,
      windowSteps,
      creditNs,
      creditBytes,
      everyNs,
      everyWallMs,
    },
    incarnation: () => Math.max(...run.model().federates.map((own) => own.incarnation)),
    recovers: request.recovery !== undefined,
    before: from?.manifest,
    snapshots: from?.snapshots,
    firstRequest: (known?.epoch ?? 0) * REQUESTS,
    chunks: (federate) => run.chunks(federate),
    logs: (federate) => run.logs(federate),
    tell: (requests) => run.tell(requests, software),
    done: () =>
      run
        .model()
        .federates.filter(({ state }) => state === 'done')
        .map(({ index }) => index),
    isWhole: () => run.isWhole(),
    onWritten: () => run.onWritten(),
  });
}

/** @throws RunError CHECKPOINT_FAILED, or CHECKPOINTS_OFF for a run without them */
export async function checkpointNow(
  saving: RunSaving | undefined,
  { runId, state }: RunModel,
): Promise<number> {
  if (saving === undefined) {
    throw new RunError('CHECKPOINTS_OFF', `run ${runId}: found no checkpoints asked for when it was begun`);
  }
  if (state !== 'running' && state !== 'ready') {
    throw new RunError('CHECKPOINT_FAILED', `run ${runId}: is ${state}, expected a running one`);
  }
  return saving.now();
}
