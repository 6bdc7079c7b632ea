/** A run's checkpoints as its controller sees them: what federates saved goes to the writer, and requests to save to federates. */
import { RunError } from '../../graph/errors.js';
import type { Graph, Plan } from '../../graph/index.js';
import {
  type EmissionLog,
  type EngineSnapshot,
  type FederateReport,
  longestDelaySteps,
  type RecordChunk,
  type SaveRequests,
} from '../../nodes/index.js';
import { adapterSnapshot } from '../checkpoint/adapters.js';
import type { CheckpointFacts } from '../checkpoint/facts.js';
import type { Manifest } from '../checkpoint/manifest.js';
import { CheckpointWriter, type WriterOptions } from '../checkpoint/writer.js';
import type { Store } from '../store/index.js';
import { SaveAgreement } from './agreement.js';

/** What a run is asked for. */
export interface Saving {
  readonly store: Store;
  /** Biological time from one to the next. */
  readonly everyNs?: number;
  /** Wall time from one to the next. */
  readonly everyWallMs?: number;
  readonly onWritten?: (atNs: number) => void;
  readonly onFailed?: (message: string) => void;
}

export interface RunSavingInput {
  readonly saving: Saving;
  readonly graph: Graph;
  readonly plan: Plan;
  readonly head: WriterOptions['head'];
  readonly before?: Manifest;
  readonly snapshots?: readonly EngineSnapshot[];
  readonly incarnation: () => number;
  /** Federates that are lost go on from checkpoints. */
  readonly recovers: boolean;
  /** Number of the first request. */
  readonly firstRequest?: number;
  readonly onWritten: () => void;
  /** All federates can answer. */
  readonly isWhole: () => boolean;
  readonly chunks: (federate: number) => readonly RecordChunk[];
  /** What an adapter emitted until now. */
  readonly logs: (federate: number) => readonly EmissionLog[];
  /** Tells every federate that can save. */
  readonly tell: (requests: SaveRequests) => void;
  /** Federates that are at the end. */
  readonly done: () => readonly number[];
}

interface Waiter {
  readonly resolve: (atNs: number) => void;
  readonly reject: (error: RunError) => void;
}

export class RunSaving {
  readonly #input: RunSavingInput;
  readonly #writer: CheckpointWriter;
  readonly #agreement: SaveAgreement;
  /** Who asked for a checkpoint, until it is written. */
  #waiters: Waiter[] = [];
  /** A checkpoint was asked for and isn't written yet. */
  #underWay = false;
  #clock: NodeJS.Timeout | undefined;
  /** Up to where the log of each adapter is whole. */
  readonly #adapters = new Map<number, number>();
  #delaySteps: number | undefined;

  constructor(input: RunSavingInput) {
    const { saving, graph, plan, head, before, snapshots, recovers, incarnation, chunks } = input;
    this.#input = input;
    const { dtNs, durationNs, federates } = plan;
    const endNs = Math.floor(durationNs / dtNs) * dtNs;
    for (const { index, adapter } of federates) if (adapter !== undefined) this.#adapters.set(index, 0);
    const software = federates.length - this.#adapters.size;
    this.#agreement = new SaveAgreement(software, endNs, dtNs, input.firstRequest);
    this.#writer = new CheckpointWriter({
      store: saving.store,
      graph,
      plan,
      head,
      before,
      snapshots,
      recovers,
      incarnation,
      chunks,
      onWritten: (atNs) => {
        // A regular one may come before the one that was asked for.
        const { isOpen, requests } = this.#agreement;
        if (!isOpen && atNs >= requests.atStep * dtNs) this.#settle(({ resolve }) => resolve(atNs));
        saving.onWritten?.(atNs);
        input.onWritten();
      },
      onFailed: (message) => {
        this.#settle(({ reject }) => reject(new RunError('CHECKPOINT_FAILED', message)));
        saving.onFailed?.(message);
      },
    });
  }

  get facts(): CheckpointFacts {
    return this.#writer.facts;
  }

  /** The newest checkpoint that is written. */
  get newestStep(): number {
    return this.#writer.newestStep;
  }

  snapshotsAt(step: number): readonly EngineSnapshot[] {
    return this.#writer.snapshotsAt(step);
  }

  /** No federate goes on from before this checkpoint any more. */
  forgetBefore(step: number): void {
    this.#writer.forgetBefore(step);
  }

  /** A federate is lost. Resolves when nothing is being written: it goes on from what is there then. */
  async lost(): Promise<void> {
    // What was agreed on with it, or was going to be, isn't any more.
    if (this.#agreement.abandon()) this.#input.tell(this.#agreement.requests);
    this.#underWay = false;
    await this.#writer.idle();
  }

  /** The federate goes on from the checkpoint at `step`. */
  rewind(federate: number, step: number): void {
    const { everyNs } = this.#input.saving;
    const { dtNs } = this.#input.plan;
    this.#writer.rewind(federate, step, (at) => everyNs !== undefined && isRegular(at, everyNs, dtNs));
  }

  /** All federates are there again. */
  whole(): void {
    if (this.#waiters.length > 0) this.#ask();
  }

  /** Federates have been told to begin. */
  started(): void {
    const { everyWallMs } = this.#input.saving;
    if (everyWallMs === undefined) return;
    // What takes longer than the time between two isn't asked for again before it's there.
    this.#clock = setInterval(() => {
      if (!this.#writer.isBusy) this.#ask();
    }, everyWallMs);
  }

  /** A checkpoint as soon as it can be had. Its time, when it's written. */
  now(): Promise<number> {
    if (this.#adapters.size === this.#input.plan.federates.length) {
      const message = 'found adapters only, expected software with a state to save';
      return Promise.reject(new RunError('CHECKPOINT_FAILED', message));
    }
    return new Promise((resolve, reject) => {
      this.#waiters.push({ resolve, reject });
      this.#ask();
    });
  }

  report(federate: number, report: FederateReport): void {
    if (this.#adapters.has(federate)) this.#logged(federate, report);
    else if (report.kind === 'snapshot') {
      this.#writer.take(federate, report.snapshot);
      for (const adapter of this.#adapters.keys()) this.#saveFor(adapter);
    } else if (report.kind === 'saveReady') {
      this.#decided(this.#agreement.promised(federate, report.request, report.fromNs));
    } else if (report.kind === 'done') this.#decided(this.#agreement.ended(federate));
  }

  /** An adapter says what it emitted before it says how far it is. */
  #logged(federate: number, report: FederateReport): void {
    if (report.kind !== 'progress' && report.kind !== 'done') return;
    const { clockNs } = report.kind === 'done' ? report.last : report.progress;
    this.#adapters.set(federate, clockNs / this.#input.plan.dtNs);
    this.#saveFor(federate);
  }

  /** An adapter's part of the checkpoints that are being gathered, as far as its log reaches. */
  #saveFor(federate: number): void {
    const { graph, plan, logs } = this.#input;
    const known = this.#adapters.get(federate) ?? 0;
    for (const step of this.#writer.missing(federate)) {
      if (step > known) continue;
      this.#delaySteps ??= longestDelaySteps(graph, plan.dtNs);
      const snapshot = adapterSnapshot(graph, plan, federate, logs(federate), step, this.#delaySteps);
      this.#writer.take(federate, snapshot);
    }
  }

  /** The run is over: resolves when nothing is being written any more. */
  async end(): Promise<void> {
    clearInterval(this.#clock);
    await this.#writer.idle();
    this.#settle(({ reject }) => reject(new RunError('CHECKPOINT_FAILED', 'the run has ended')));
  }

  #ask(): void {
    if (this.#underWay || !this.#input.isWhole()) return;
    this.#underWay = true;
    this.#agreement.ask(this.#input.done().filter((federate) => !this.#adapters.has(federate)));
    this.#input.tell(this.#agreement.requests);
  }

  #decided(atStep: number | undefined): void {
    if (atStep === undefined) return;
    this.#input.tell(this.#agreement.requests);
    if (atStep === 0) {
      this.#settle(({ reject }) => reject(new RunError('CHECKPOINT_FAILED', 'the run is about to end')));
    }
  }

  #settle(how: (waiter: Waiter) => void): void {
    this.#underWay = false;
    const waiters = this.#waiters;
    this.#waiters = [];
    for (const waiter of waiters) how(waiter);
  }
}

/** Whether every federate saves at this step by itself. */
function isRegular(step: number, everyNs: number, dtNs: number): boolean {
  const n = Math.floor((step * dtNs) / everyNs);
  return n > 0 && Math.ceil((n * everyNs) / dtNs) === step;
}
