/**
 * Carries the lifecycle's decisions out on federates, whichever way they are launched, and keeps what they recorded.
 */

import type { Lowered } from '../../adapters/index.js';
import { RunError } from '../../graph/errors.js';
import type { Graph } from '../../graph/types.js';
import {
  type EmissionLog,
  type EngineSnapshot,
  type FederateReport,
  type Pace,
  type RecordChunk,
  restrictedTo,
  type SaveRequests,
} from '../../nodes/index.js';
import type { Checkpoint, Recorded } from '../checkpoint/index.js';
import type { FederateHandle, FederateListener, Launcher } from '../launch/handle.js';
import type { Transport } from '../results/index.js';
import { nowMs } from './clock.js';
import { type NewRun, newRun, step } from './lifecycle.js';
import {
  type FederateModel,
  isOver,
  isSettled,
  type Recovery,
  type RunEffect,
  type RunEvent,
  type RunFailure,
  type RunModel,
} from './model.js';
import { dividedRecords } from './records.js';
import { takenUp } from './recovery.js';
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
  /** Federates wait for places: see `homeless`. */
  readonly onHomeless?: () => void;
  /** What happens to it, in lines for a log: losses, and why nothing moves. */
  readonly log?: (line: string) => void;
  /** Keeps what a coordinator that comes back has to know, before it is acted upon. */
  readonly keep?: (kept: KeptState) => Promise<void>;
  /** Keeps the record of a run that is over, before anybody lets go of it. */
  readonly keepResult?: (run: RunController) => Promise<void>;
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

/** Requests to save of one coordinator, at most. */
const REQUESTS = 1 << 20;
const TICK_MS = 250;
/** For a checkpoint to be one that federates can go on from. */
const DURABLE_MS = 5000;
/** A tick that is later than this says that this process stood still. */
const SLEPT_MS = 1000;

export class RunController {
  readonly request: RunRequest;
  #model: RunModel;
  #shown: RunModel;
  /** Of those that are there. */
  readonly #handles: FederateHandle[] = [];
  #chunks: RecordChunk[][] = [];
  /** Recorded before the run began, by who owned the neurons then. */
  #before: readonly Recorded[] | undefined;
  /** Of adapters, by federate. */
  #logs: EmissionLog[][] = [];
  #recordedBytes = 0;
  readonly #listeners = new Set<() => void>();
  readonly #timer: NodeJS.Timeout;
  readonly #over: PromiseWithResolvers;
  readonly #saving: RunSaving | undefined;
  #launch: Launcher | undefined;
  /** Federates that may be given a place. */
  readonly #homeless = new Set<number>();
  #durableNs: number;
  #tickedMs = nowMs();
  /** What is being kept, one after the other. */
  #keeping: Promise<void> = Promise.resolve();

  constructor(request: RunRequest) {
    this.request = request;
    this.#model = newRun(request, nowMs());
    this.#shown = this.#model;
    this.#over = withResolvers();
    this.#before = request.resumed?.records;
    this.#durableNs = request.known?.durableNs ?? request.plan.startNs ?? 0;
    this.#timer = setInterval(() => this.#tick(), TICK_MS);
    if (request.saving !== undefined) this.#saving = this.#makeSaving(request, request.saving);
  }

  #tick(): void {
    const now = nowMs();
    const lateMs = now - this.#tickedMs - TICK_MS;
    this.#tickedMs = now;
    if (lateMs > SLEPT_MS) this.tell({ kind: 'slept', ms: lateMs });
    else this.tell({ kind: 'tick' });
  }

  /** Federates that wait for places, each to be given one by `replace`. */
  get homeless(): readonly number[] {
    return [...this.#homeless].filter((index) => this.#model.federates[index]?.state === 'waiting');
  }

  /** A run whose result has to be kept is over when it is. */
  get model(): RunModel {
    return this.#shown;
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
      status: statusOf(this.#model, nowMs()),
      federates: this.#model.federates,
      chunks: this.#chunks,
      logs: this.#logs,
      lowered: this.request.lowered,
      before: this.#before,
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
    this.#recordNothing();
    this.tell({ kind: 'placed', workers, incarnation: incarnationOf(this.request) });
  }

  /** A federate that waits has its place: it goes on there from where everything is durable. */
  replace(index: number, worker: string, launch: (listener: FederateListener) => FederateHandle): void {
    if (!this.#homeless.delete(index)) return;
    const step = this.#durableNs / this.request.plan.dtNs;
    const until = ({ endStep }: { readonly endStep: number }): boolean => endStep <= step;
    this.#chunks[index] = this.#chunks[index].filter(until);
    this.#logs[index] = this.#logs[index].filter(until);
    this.#recordedBytes =
      this.#chunks.flat().reduce((sum, chunk) => sum + bytesOf(chunk), 0) +
      this.#logs.flat().reduce((sum, log) => sum + logBytes(log), 0);
    this.#saving?.rewind(index, step);
    const spikes = this.#chunks[index].reduce((sum, { neurons }) => sum + neurons.length, 0);
    this.#launch = (_, listener) => launch(listener);
    this.tell({ kind: 'replaced', federate: index, worker, fromNs: this.#durableNs, spikes });
  }

  /** Takes up what a coordinator before this one knew: federates come by `adopt`, or are lost after a while. */
  takeUp(known: KnownRun): void {
    this.#recordNothing();
    const { before, own } = dividedRecords(this.request.plan, known.checkpoint?.records ?? []);
    this.#before = before;
    own.forEach((chunks, federate) => {
      for (const chunk of chunks) this.#keep(federate, chunk);
    });
    this.#model = takenUp(this.#model, known, nowMs());
    this.#shown = this.#model;
    if (known.state === 'running') this.#saving?.started();
  }

  /**
   * A worker holds a federate of this run: goes on with it there. False when another incarnation has its place.
   * @param attach Makes its handle.
   */
  adopt(
    index: number,
    incarnation: number,
    worker: string,
    attach: (listener: FederateListener) => FederateHandle,
  ): boolean {
    const federate = this.#model.federates[index];
    if (isOver(this.#model) || federate?.incarnation !== incarnation) return false;
    if (isSettled(federate) || federate.state === 'waiting' || this.#handles[index] !== undefined)
      return false;
    const handle = attach(this.#listen(index, incarnation));
    this.#handles[index] = handle;
    this.tell({ kind: 'adopted', federate: index, incarnation, worker });
    // It may have missed what others were told meanwhile.
    for (const other of this.#model.federates) {
      if (other.index === index || other.state === 'waiting' || other.incarnation === 1) continue;
      handle.restarted(other.index, other.incarnation, this.#durableNs);
    }
    return true;
  }

  /** Nobody goes on from before this time any more. */
  get durableNs(): number {
    return this.#durableNs;
  }

  /** A worker wants to go: saves, and then its federates go on elsewhere. */
  async evacuate(federates: readonly number[], reason: string): Promise<void> {
    const leaving = federates.map((federate) => ({
      federate,
      incarnation: this.#model.federates[federate]?.incarnation,
    }));
    if (this.#saving !== undefined && this.#model.state === 'running') {
      const atNs = await this.#saving.now().catch(() => undefined);
      await this.#durable(atNs ?? 0);
    }
    for (const { federate, incarnation } of leaving)
      this.tell({ kind: 'lost', federate, incarnation, reason });
  }

  /** Resolves when federates can go on from there, or after a while. */
  async #durable(atNs: number): Promise<void> {
    const deadline = nowMs() + DURABLE_MS;
    while (this.#durableNs < atNs && !isOver(this.#model) && nowMs() < deadline) {
      await new Promise<void>((resolve) => setTimeout(resolve, 20));
    }
  }

  #recordNothing(): void {
    this.#chunks = this.request.plan.federates.map(() => []);
    this.#logs = this.request.plan.federates.map(() => []);
  }

  stop(reason: string): void {
    this.tell({ kind: 'stop', reason });
  }

  fail(failure: RunFailure): void {
    this.tell({ kind: 'fail', failure });
  }

  tell(event: RunEvent): void {
    const { model, effects } = step(this.#model, event, nowMs());
    if (model === this.#model) return;
    this.#model = model;
    if (!isOver(model) || this.request.keepResult === undefined) this.#shown = model;
    for (const effect of effects) this.#apply(effect);
    this.#changed();
  }

  #changed(): void {
    for (const listener of this.#listeners) listener();
  }

  #apply(effect: RunEffect): void {
    switch (effect.kind) {
      case 'assign':
        this.#assignAll();
        return;
      case 'start':
        this.#start(effect.federates);
        return;
      case 'stop':
        for (const index of effect.federates) this.#handles[index]?.stop(effect.reason);
        return;
      case 'kill':
        for (const index of effect.federates) {
          this.#handles[index]?.kill();
          delete this.#handles[index];
        }
        return;
      case 'replace':
        void this.#makeHomeless(effect.federate);
        return;
      case 'restore':
        this.#restore(effect.federate);
        return;
      case 'stalled':
        for (const line of effect.lines) this.#log(line);
        return;
      case 'over':
        this.#end();
    }
  }

  #start(federates: readonly number[] | undefined): void {
    if (federates === undefined) {
      this.#afterKeeping(() => {
        for (const handle of this.#handles) handle?.start();
        this.#saving?.started();
      });
      return;
    }
    for (const index of federates) this.#handles[index]?.start();
    if (this.#isWhole()) this.#saving?.whole();
  }

  #end(): void {
    clearInterval(this.#timer);
    const { keepResult, keep } = this.request;
    const release = (): void => {
      for (const handle of this.#handles) handle?.release();
    };
    if (this.#saving === undefined && keep === undefined) {
      release();
      this.#over.resolve();
    } else {
      void this.#endKept(keepResult, release).then(() => {
        this.#shown = this.#model;
        this.#changed();
        this.#over.resolve();
      });
    }
  }

  async #endKept(keepResult: RunRequest['keepResult'], release: () => void): Promise<void> {
    await Promise.all([this.#saving?.end(), this.#keeping]);
    await keepResult?.(this).catch((error: Error) => this.#log(`its result can't be kept: ${error.message}`));
    release();
  }

  /** Its last checkpoint may still be being written. */
  async #makeHomeless(index: number): Promise<void> {
    const { name, recovering } = this.#model.federates[index];
    const { reason } = this.#model.recoveries[recovering as number];
    this.#log(`federate ${name} was lost: ${reason}; it goes on from ${this.#durableNs / 1e6} ms`);
    await this.#saving?.lost();
    this.#homeless.add(index);
    this.request.onHomeless?.();
  }

  /** What a coordinator that comes back has to know is kept first. */
  #afterKeeping(act: () => void): void {
    const { keep } = this.request;
    if (keep === undefined) {
      act();
      return;
    }
    const kept = this.#keptState();
    const guarded = (): void => {
      if (!isOver(this.#model)) act();
    };
    this.#keeping = this.#keeping
      .then(() => keep(kept))
      .then(guarded, (error: Error) => {
        this.#log(`what a coordinator after this one would need can't be kept: ${error.message}`);
        guarded();
      });
  }

  #keptState(): KeptState {
    const { state, federates, recoveries } = this.#model;
    return {
      state: state === 'assigned' ? 'assigned' : 'running',
      incarnations: federates.map(({ incarnation }) => incarnation),
      workers: federates.map(({ worker }) => worker),
      durableNs: this.#durableNs,
      recoveries,
    };
  }

  #listen(federate: number, incarnation: number): FederateListener {
    return {
      report: (report) => this.#report(federate, incarnation, report),
      heard: () => this.tell({ kind: 'heard', federate, incarnation }),
      lost: (reason) => this.tell({ kind: 'lost', federate, incarnation, reason }),
    };
  }

  /** Takes a place for the present incarnation of a federate. */
  #take(index: number): void {
    const launch = this.#launch as Launcher;
    this.#handles[index] = launch(index, this.#listen(index, this.#model.federates[index].incarnation));
  }

  #assignAll(): void {
    const { federates } = this.#model;
    for (const { index } of federates) this.#take(index);
    this.#afterKeeping(() => {
      // Who was lost while this was being kept is assigned again when it has its place.
      for (const { index, incarnation } of federates) {
        if (this.#model.federates[index].incarnation !== incarnation) continue;
        this.#assign(index, this.request.resumed?.snapshots);
      }
    });
  }

  #assign(federate: number, snapshots: readonly EngineSnapshot[] | undefined): void {
    const { runId, graph, plan, threads, windowSteps, reportMs, profile, saving, recovery, pace } =
      this.request;
    const { incarnation, from } = this.#model.federates[federate];
    const incarnations = this.#model.federates.map((own) => own.incarnation);
    const assignment = {
      runId,
      incarnation,
      graph,
      plan,
      federate,
      threads,
      windowSteps,
      reportMs,
      profile,
      checkpoints: saving === undefined ? undefined : { everyNs: saving.everyNs },
      pace,
      ...(recovery === undefined ? {} : { incarnations, startNs: from?.clockNs, retain: true }),
    };
    const { slices } = plan.federates[federate];
    this.#handles[federate]?.assign(assignment, snapshots && restrictedTo(slices, snapshots));
  }

  /** The next incarnation of a federate, told to all that are there. */
  #restore(index: number): void {
    const { incarnation, from } = this.#model.federates[index];
    this.#take(index);
    const fromNs = from?.clockNs ?? 0;
    const saved = this.#saving?.snapshotsAt(fromNs / this.request.plan.dtNs) ?? [];
    this.#afterKeeping(() => {
      if (this.#model.federates[index].incarnation !== incarnation) return;
      this.#assign(index, saved.length > 0 ? saved : this.request.resumed?.snapshots);
      this.#handles.forEach((handle, other) => {
        if (other !== index) handle.restarted(index, incarnation, fromNs);
      });
    });
  }

  /** Lets go of what nobody needs any more, once all are past the newest checkpoint and have what was sent before it. */
  #forget(): void {
    const { plan, recovery } = this.request;
    if (this.#saving === undefined || recovery === undefined) return;
    const untilNs = this.#saving.newestStep * plan.dtNs;
    if (untilNs <= this.#durableNs || !this.#model.federates.every((own) => isPast(own, untilNs))) return;
    this.#durableNs = untilNs;
    this.#saving.forgetBefore(untilNs / plan.dtNs);
    this.#afterKeeping(() => {
      for (const handle of this.#handles) handle?.durable(untilNs);
    });
  }

  #isWhole(): boolean {
    return this.#model.federates.every(
      ({ state }) => state === 'running' || state === 'done' || state === 'ready',
    );
  }

  #log(line: string): void {
    this.request.log?.(`run ${this.request.runId}: ${line}`);
  }

  #keep(index: number, chunk: RecordChunk): void {
    this.#chunks[index].push(chunk);
    this.#count(bytesOf(chunk));
  }

  #keepLog(index: number, log: EmissionLog): void {
    this.#logs[index].push(log);
    this.#count(logBytes(log));
  }

  #count(bytes: number): void {
    this.#recordedBytes += bytes;
    const { runId, mostBytes = Number.POSITIVE_INFINITY } = this.request;
    if (this.#recordedBytes <= mostBytes) return;
    const message = `run ${runId}: recorded ${this.#recordedBytes} bytes, expected at most ${mostBytes} (the coordinator's limit): record fewer neurons, or less often`;
    this.fail({ code: 'RESULT_TOO_LARGE', message, exitStatus: 1 });
  }

  #report(index: number, incarnation: number, report: FederateReport): void {
    const federate = this.#model.federates[index];
    // What comes of a federate that was given up comes of its next incarnation once more.
    if (federate.incarnation !== incarnation || federate.state === 'waiting') return;
    if (report.kind === 'record' && !isOver(this.#model)) this.#keep(index, report.chunk);
    if (report.kind === 'log' && !isOver(this.#model)) this.#keepLog(index, report.log);
    this.#saving?.report(index, report);
    this.tell({ kind: 'report', federate: index, incarnation, report });
    if (report.kind === 'progress' || report.kind === 'done') this.#forget();
  }

  #makeSaving(request: RunRequest, saving: Saving): RunSaving {
    const { runId, graph, plan, threads, windowSteps, creditNs, creditBytes, known } = request;
    const { everyNs, everyWallMs } = saving;
    const from = known === undefined ? request.resumed : known.checkpoint;
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
      incarnation: () => Math.max(...this.#model.federates.map((own) => own.incarnation)),
      recovers: request.recovery !== undefined,
      before: from?.manifest,
      snapshots: from?.snapshots,
      firstRequest: (known?.epoch ?? 0) * REQUESTS,
      chunks: (federate) => this.#chunks[federate],
      tell: (requests: SaveRequests) => {
        for (const handle of this.#handles) handle?.save(requests);
      },
      done: () => this.#model.federates.filter(({ state }) => state === 'done').map(({ index }) => index),
      isWhole: () => this.#isWhole(),
      onWritten: () => this.#forget(),
    });
  }
}

/** It would not need anything from before this time again. */
function isPast({ state, last }: FederateModel, untilNs: number): boolean {
  if (state === 'done') return true;
  if (state !== 'running' || last === undefined || last.clockNs < untilNs) return false;
  return last.ins.every(({ promiseNs }) => promiseNs >= untilNs);
}

/** Who goes on with a run is told apart from those who began it. */
function incarnationOf({ resumed }: RunRequest): number {
  return resumed === undefined ? 1 : resumed.manifest.incarnation + 1;
}

function logBytes({ spikes: { counts, neurons, values } }: EmissionLog): number {
  return counts.byteLength + neurons.byteLength + (values?.byteLength ?? 0);
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
