/**
 * Carries the lifecycle's decisions out on federates, whichever way they are launched, and keeps what they recorded.
 */
import { type EngineSnapshot, type FederateReport, restrictedTo } from '../../nodes/index.js';
import type { CheckpointFacts } from '../checkpoint/facts.js';
import type { FederateHandle, FederateListener, Launcher } from '../launch/handle.js';
import { nowMs } from './clock.js';
import { Keeper, keptStateOf } from './keeper.js';
import { RunRecords } from './kept-records.js';
import { newRun, step } from './lifecycle.js';
import { checkpointNow, makeSaving } from './make-saving.js';
import { isOver, isSettled, type RunEffect, type RunEvent, type RunFailure, type RunModel } from './model.js';
import { isPast, isWhole, takenUp } from './recovery.js';
import { assignmentOf, incarnationOf, type KnownRun, type RunRequest } from './request.js';
import type { RunRecord } from './result.js';
import type { RunSaving } from './saving.js';
import { statusOf } from './status.js';

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
  readonly #records: RunRecords;
  readonly #listeners = new Set<() => void>();
  readonly #timer: NodeJS.Timeout;
  /** Resolves when the run is over, however it ended. */
  readonly over: Promise<void>;
  #resolveOver = (): void => {};
  readonly #saving: RunSaving | undefined;
  #launch: Launcher | undefined;
  /** Federates that may be given a place. */
  readonly #homeless = new Set<number>();
  #durableNs: number;
  #tickedMs = nowMs();
  readonly #keeper: Keeper;

  constructor(request: RunRequest) {
    this.request = request;
    this.#model = newRun(request, nowMs());
    this.#shown = this.#model;
    this.over = new Promise((resolve) => {
      this.#resolveOver = resolve;
    });
    this.#records = new RunRecords(request.resumed?.records);
    this.#keeper = new Keeper(request.keep, (line) => this.#log(line));
    this.#durableNs = request.known?.durableNs ?? request.plan.startNs ?? 0;
    this.#timer = setInterval(() => this.#tick(), TICK_MS);
    if (request.saving !== undefined) {
      this.#saving = makeSaving(request, request.saving, {
        model: () => this.#model,
        chunks: (federate) => this.#records.chunks[federate],
        logs: (federate) => this.#records.logs[federate],
        isWhole: () => isWhole(this.#model),
        tell: (requests, federates) => {
          for (const index of federates) this.#handles[index]?.save(requests);
        },
        onWritten: () => this.#forget(),
      });
    }
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
    return this.#records.bytes;
  }

  /** Undefined for a run without them. */
  get checkpoints(): CheckpointFacts | undefined {
    return this.#saving?.facts;
  }

  record(): RunRecord {
    const { graph, plan, threads, transport, lowered } = this.request;
    return {
      ...{ graph, plan, threads, transport, lowered },
      status: statusOf(this.#model, nowMs()),
      federates: this.#model.federates,
      chunks: this.#records.chunks,
      logs: this.#records.logs,
      before: this.#records.before,
      checkpoints: this.checkpoints,
    };
  }

  /**
   * Makes a checkpoint as soon as it can; its time, when it is written.
   * @throws RunError CHECKPOINT_FAILED, or CHECKPOINTS_OFF for a run without them
   */
  checkpoint(): Promise<number> {
    return checkpointNow(this.#saving, this.#model);
  }

  /** Calls back after every change. Returns how to end that. */
  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** The run has its places: federate i is launched on `workers[i]`. */
  place(workers: readonly string[], launch: Launcher): void {
    this.#launch = launch;
    this.#records.begin(this.request.plan.federates.length);
    this.tell({ kind: 'placed', workers, incarnation: incarnationOf(this.request) });
  }

  /** A federate that waits has its place: it goes on there from where everything is durable. */
  replace(index: number, worker: string, launch: (listener: FederateListener) => FederateHandle): void {
    if (!this.#homeless.delete(index)) return;
    const step = this.#durableNs / this.request.plan.dtNs;
    const spikes = this.#records.cutAt(index, step);
    this.#saving?.rewind(index, step);
    this.#launch = (_, listener) => launch(listener);
    this.tell({ kind: 'replaced', federate: index, worker, fromNs: this.#durableNs, spikes });
  }

  /** Takes up what a coordinator before this one knew: federates come by `adopt`, or are lost after a while. */
  takeUp(known: KnownRun): void {
    this.#records.takeUp(this.request.plan, known.checkpoint?.records ?? []);
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
    if (isWhole(this.#model)) this.#saving?.whole();
  }

  #end(): void {
    clearInterval(this.#timer);
    const { keepResult, keep } = this.request;
    const release = (): void => {
      for (const handle of this.#handles) handle?.release();
    };
    if (this.#saving === undefined && keep === undefined) {
      release();
      this.#resolveOver();
    } else {
      void this.#endKept(keepResult, release).then(() => {
        this.#shown = this.#model;
        this.#changed();
        this.#resolveOver();
      });
    }
  }

  async #endKept(keepResult: RunRequest['keepResult'], release: () => void): Promise<void> {
    await Promise.all([this.#saving?.end(), this.#keeper.idle]);
    await keepResult?.(this.record()).catch((error: Error) =>
      this.#log(`its result can't be kept: ${error.message}`),
    );
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
    this.#keeper.before(keptStateOf(this.#model, this.#durableNs), () => {
      if (!isOver(this.#model)) act();
    });
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
    const { slices } = this.request.plan.federates[federate];
    const assignment = assignmentOf(this.request, this.#model, federate);
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

  #log(line: string): void {
    this.request.log?.(`run ${this.request.runId}: ${line}`);
  }

  /** A run that records more than there is room for ends. */
  #checkSize(): void {
    const { bytes } = this.#records;
    const { runId, mostBytes = Number.POSITIVE_INFINITY } = this.request;
    if (bytes <= mostBytes) return;
    const message = `run ${runId}: recorded ${bytes} bytes, expected at most ${mostBytes} (the coordinator's limit): record fewer neurons, or less often`;
    this.fail({ code: 'RESULT_TOO_LARGE', message, exitStatus: 1 });
  }

  #report(index: number, incarnation: number, report: FederateReport): void {
    const federate = this.#model.federates[index];
    // What comes of a federate that was given up comes of its next incarnation once more.
    if (federate.incarnation !== incarnation || federate.state === 'waiting') return;
    if (!isOver(this.#model)) {
      if (report.kind === 'record') this.#records.keep(index, report.chunk);
      if (report.kind === 'log') this.#records.keepLog(index, report.log);
      this.#checkSize();
    }
    this.#saving?.report(index, report);
    this.tell({ kind: 'report', federate: index, incarnation, report });
    if (report.kind === 'progress' || report.kind === 'done') this.#forget();
  }
}
