/**
 * Carries the lifecycle's decisions out on federates, whichever way they are launched, and keeps what they recorded.
 */
import { RunError } from '../../graph/errors.js';
import type { Graph } from '../../graph/types.js';
import { type FederateReport, type RecordChunk, restrictedTo, type SaveRequests } from '../../nodes/index.js';
import type { Checkpoint } from '../checkpoint/index.js';
import type { FederateHandle, Launcher } from '../launch/handle.js';
import type { Transport } from '../results/index.js';
import { type NewRun, newRun, step } from './lifecycle.js';
import { isOver, type RunEffect, type RunEvent, type RunFailure, type RunModel } from './model.js';
import type { RunRecord } from './result.js';
import { RunSaving, type Saving } from './saving.js';
import { statusOf } from './status.js';

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
}

const TICK_MS = 250;

export class RunController {
  readonly request: RunRequest;
  #model: RunModel;
  #handles: FederateHandle[] = [];
  #chunks: RecordChunk[][] = [];
  #recordedBytes = 0;
  readonly #listeners = new Set<() => void>();
  readonly #timer: NodeJS.Timeout;
  readonly #over: PromiseWithResolvers;
  readonly #saving: RunSaving | undefined;
  #launch: Launcher | undefined;

  constructor(request: RunRequest) {
    this.request = request;
    this.#model = newRun(request, Date.now());
    this.#over = withResolvers();
    this.#timer = setInterval(() => this.tell({ kind: 'tick' }), TICK_MS);
    if (request.saving !== undefined) this.#saving = this.#makeSaving(request, request.saving);
  }

  get model(): RunModel {
    return this.#model;
  }

  /** Of what was recorded until now. */
  get recordedBytes(): number {
    return this.#recordedBytes;
  }

  /** Resolves when the run is over, however it ended. */
  get over(): Promise<void> {
    return this.#over.promise;
  }

  record(): RunRecord {
    const { graph, plan, threads, transport } = this.request;
    return {
      graph,
      plan,
      threads,
      transport,
      status: statusOf(this.#model, Date.now()),
      federates: this.#model.federates,
      chunks: this.#chunks,
      before: this.request.resumed?.records,
      checkpoints: this.#saving?.facts,
    };
  }

  /**
   * Makes a checkpoint as soon as it can; its time, when it is written.
   * @throws RunError CHECKPOINT_FAILED, or CHECKPOINTS_OFF for a run without them
   */
  async checkpoint(): Promise<number> {
    const { runId } = this.request;
    if (this.#saving === undefined) {
      throw new RunError('CHECKPOINTS_OFF', `run ${runId}: found no checkpoints asked for when it was begun`);
    }
    if (this.#model.state !== 'running' && this.#model.state !== 'ready') {
      throw new RunError(
        'CHECKPOINT_FAILED',
        `run ${runId}: is ${this.#model.state}, expected a running one`,
      );
    }
    return this.#saving.now();
  }

  /** Calls back after every change. Returns how to end that. */
  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** The run has its places: federate i is launched on `workers[i]`. */
  place(workers: readonly string[], launch: Launcher): void {
    this.#launch = launch;
    this.#chunks = this.request.plan.federates.map(() => []);
    this.tell({ kind: 'placed', workers });
  }

  stop(reason: string): void {
    this.tell({ kind: 'stop', reason });
  }

  fail(failure: RunFailure): void {
    this.tell({ kind: 'fail', failure });
  }

  tell(event: RunEvent): void {
    const { model, effects } = step(this.#model, event, Date.now());
    if (model === this.#model) return;
    this.#model = model;
    for (const effect of effects) this.#apply(effect);
    for (const listener of this.#listeners) listener();
  }

  #apply(effect: RunEffect): void {
    switch (effect.kind) {
      case 'assign':
        this.#assign();
        return;
      case 'start':
        for (const handle of this.#handles) handle.start();
        this.#saving?.started();
        return;
      case 'stop':
        for (const index of effect.federates) this.#handles[index]?.stop(effect.reason);
        return;
      case 'kill':
        for (const index of effect.federates) this.#handles[index]?.kill();
        return;
      case 'over':
        clearInterval(this.#timer);
        if (this.#saving === undefined) this.#over.resolve();
        else void this.#saving.end().then(() => this.#over.resolve());
    }
  }

  #assign(): void {
    const launch = this.#launch as Launcher;
    const { runId, graph, plan, threads, windowSteps, reportMs, profile, saving, resumed } = this.request;
    const checkpoints = saving === undefined ? undefined : { everyNs: saving.everyNs };
    this.#handles = plan.federates.map(({ index }) =>
      launch(index, {
        report: (report) => this.#report(index, report),
        heard: () => this.tell({ kind: 'heard', federate: index }),
        lost: (reason) => this.tell({ kind: 'lost', federate: index, reason }),
      }),
    );
    this.#handles.forEach((handle, federate) => {
      const assignment = {
        runId,
        incarnation: incarnationOf(this.request),
        graph,
        plan,
        federate,
        threads,
        windowSteps,
        reportMs,
        profile,
        checkpoints,
      };
      const { slices } = plan.federates[federate];
      handle.assign(assignment, resumed && restrictedTo(slices, resumed.snapshots));
    });
  }

  #keep(index: number, chunk: RecordChunk): void {
    this.#chunks[index].push(chunk);
    this.#recordedBytes += bytesOf(chunk);
    const { runId, mostBytes = Number.POSITIVE_INFINITY } = this.request;
    if (this.#recordedBytes <= mostBytes) return;
    const message = `run ${runId}: recorded ${this.#recordedBytes} bytes, expected at most ${mostBytes} (the coordinator's limit): record fewer neurons, or less often`;
    this.fail({ code: 'RESULT_TOO_LARGE', message, exitStatus: 1 });
  }

  #report(index: number, report: FederateReport): void {
    if (report.kind === 'record' && !isOver(this.#model)) this.#keep(index, report.chunk);
    this.#saving?.report(index, report, this.#chunks[index].length);
    this.tell({ kind: 'report', federate: index, report });
  }

  #makeSaving(request: RunRequest, saving: Saving): RunSaving {
    const { runId, graph, plan, threads, windowSteps, creditNs, creditBytes, resumed } = request;
    const { everyNs, everyWallMs } = saving;
    return new RunSaving({
      saving,
      graph,
      plan,
      head: {
        runId,
        incarnation: incarnationOf(request),
        workers: plan.federates.length,
        threads,
        windowSteps,
        creditNs,
        creditBytes,
        everyNs,
        everyWallMs,
      },
      before: resumed?.manifest,
      chunks: (federate) => this.#chunks[federate],
      tell: (requests: SaveRequests) => {
        for (const handle of this.#handles) handle.save(requests);
      },
      done: () => this.#model.federates.filter(({ state }) => state === 'done').map(({ index }) => index),
    });
  }
}

/** Who goes on with a run is told apart from those who began it. */
function incarnationOf({ resumed }: RunRequest): number {
  return resumed === undefined ? 1 : resumed.manifest.incarnation + 1;
}

function bytesOf({ counts, neurons, states }: RecordChunk): number {
  return states.reduce((sum, { values }) => sum + values.byteLength, counts.byteLength + neurons.byteLength);
}

interface PromiseWithResolvers {
  readonly promise: Promise<void>;
  readonly resolve: () => void;
}

function withResolvers(): PromiseWithResolvers {
  let resolve = (): void => {};
  const promise = new Promise<void>((done) => {
    resolve = done;
  });
  return { promise, resolve };
}
