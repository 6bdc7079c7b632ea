/**
 * Carries the lifecycle's decisions out on federates, whichever way they are launched, and keeps what they recorded.
 */
import type { Graph } from '../../graph/types.js';
import type { FederateReport, RecordChunk } from '../../nodes/index.js';
import type { FederateHandle, Launcher } from '../launch/handle.js';
import type { Transport } from '../results/index.js';
import { type NewRun, newRun, step } from './lifecycle.js';
import { isOver, type RunEffect, type RunEvent, type RunFailure, type RunModel } from './model.js';
import type { RunRecord } from './result.js';
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
  #launch: Launcher | undefined;

  constructor(request: RunRequest) {
    this.request = request;
    this.#model = newRun(request, Date.now());
    this.#over = withResolvers();
    this.#timer = setInterval(() => this.tell({ kind: 'tick' }), TICK_MS);
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
    };
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
        return;
      case 'stop':
        for (const index of effect.federates) this.#handles[index]?.stop(effect.reason);
        return;
      case 'kill':
        for (const index of effect.federates) this.#handles[index]?.kill();
        return;
      case 'over':
        clearInterval(this.#timer);
        this.#over.resolve();
    }
  }

  #assign(): void {
    const launch = this.#launch as Launcher;
    const { runId, graph, plan, threads, windowSteps, reportMs, profile } = this.request;
    this.#handles = plan.federates.map(({ index }) =>
      launch(index, {
        report: (report) => this.#report(index, report),
        heard: () => this.tell({ kind: 'heard', federate: index }),
        lost: (reason) => this.tell({ kind: 'lost', federate: index, reason }),
      }),
    );
    this.#handles.forEach((handle, federate) => {
      handle.assign({
        runId,
        incarnation: 1,
        graph,
        plan,
        federate,
        threads,
        windowSteps,
        reportMs,
        profile,
      });
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
    this.tell({ kind: 'report', federate: index, report });
  }
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
