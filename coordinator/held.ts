/** A federate that a worker holds, and what a coordinator that comes back has to be told of it once more. */
import { tmpdir } from 'node:os';
import { create, fromBinary, type MessageInitShape, toBinary } from '@bufbuild/protobuf';
import { type Assignment, type FederateReport, NO_REQUESTS, type SaveRequests } from '../nodes/index.js';
import { type Checkpoint, FromFederateSchema } from '../proto/gen/nil/v1/control_pb.js';
import { reportToBody } from './grpc/convert.js';
import { FileSpill } from './launch/file-spill.js';
import { KEPT_RECORD_BYTES, KeptRecords } from './launch/kept-records.js';
import type { ThreadFederate } from './launch/thread-handle.js';
import type { FederateMemory } from './partition/index.js';
import type { HeldStatus } from './worker-options.js';

type Body = NonNullable<MessageInitShape<typeof FromFederateSchema>['body']>;

/** Of adapters. */
const KEPT_LOG_BYTES = KEPT_RECORD_BYTES / 4;

export interface HeldPlace {
  readonly runId: string;
  readonly federate: number;
  readonly incarnation: number;
}

/** Said while the coordinator is told what it missed: due after the records until then. */
interface Late {
  readonly afterStep: number;
  readonly report: FederateReport;
}

export class Held {
  readonly place: HeldPlace;
  readonly thread: ThreadFederate;
  /** Resolves when it has said how it ended. */
  readonly lastWord: Promise<void>;
  readonly #dtNs: number;
  readonly #plan: Assignment['plan'];
  #requests: SaveRequests = NO_REQUESTS;
  #ready: FederateReport | undefined;
  #progress: FederateReport | undefined;
  /** Absent where no coordinator can come back, as the logs. */
  readonly #records: KeptRecords | undefined;
  readonly #logs: KeptRecords | undefined;
  readonly #spill: FileSpill | undefined;
  #recordedStep = 0;
  #late: Late[] = [];
  #telling: Generator<Body> | undefined;
  #last: FederateReport | undefined;
  #spoken = (): void => {};
  #isAway = false;

  /** By the estimate. */
  readonly memory: FederateMemory | undefined;

  /** @param spillDir Where records go that don't fit in memory. */
  constructor(
    place: HeldPlace,
    thread: ThreadFederate,
    assignment: Assignment,
    spillDir = tmpdir(),
    memory?: FederateMemory,
  ) {
    this.memory = memory;
    const { plan, retain = false, checkpoints, keepRecords = false } = assignment;
    this.place = place;
    this.thread = thread;
    // A coordinator without a store doesn't come back.
    if (retain && (checkpoints !== undefined || keepRecords)) {
      this.#spill = new FileSpill(spillDir);
      const startStep = (assignment.startNs ?? plan.startNs ?? 0) / plan.dtNs;
      this.#records = new KeptRecords(startStep, this.#spill);
      this.#logs = new KeptRecords(startStep, this.#spill, KEPT_LOG_BYTES);
    }
    this.#dtNs = plan.dtNs;
    this.#plan = plan;
    this.lastWord = new Promise((resolve) => {
      this.#spoken = resolve;
    });
  }

  /**
   * The coordinator is gone, and whoever comes back doesn't know this federate before it adopts it. Then it hears everything in its order, so
   * nothing may be told beside that.
   */
  get isAway(): boolean {
    return this.#isAway;
  }

  get status(): HeldStatus {
    const last = this.#last?.kind === 'done' ? this.#last.last : undefined;
    const progress = this.#progress?.kind === 'progress' ? this.#progress.progress : undefined;
    const { runId, federate } = this.place;
    return { runId, name: this.#plan.federates[federate].name, progress: last ?? progress };
  }

  get ended(): boolean {
    return this.#last !== undefined;
  }

  /** @throws RunError SPILL_FAILED */
  said(report: FederateReport): void {
    const { kind } = report;
    if (kind === 'record') {
      this.#recordedStep = report.chunk.endStep;
      this.#keep(this.#records, report.chunk.endStep, report);
    } else if (kind === 'log') this.#keep(this.#logs, report.log.endStep, report);
    else if (kind === 'progress') this.#progress = report;
    else if (kind === 'done' || kind === 'failed') {
      this.#last = report;
      this.#spoken();
    } else {
      if (kind === 'ready') this.#ready = report;
      if (this.#telling !== undefined) this.#late.push({ afterStep: this.#recordedStep, report });
    }
  }

  #keep(kept: KeptRecords | undefined, endStep: number, report: FederateReport): void {
    if (kept === undefined) return;
    const message = create(FromFederateSchema, { body: this.#bodyOf(report) });
    kept.keep(endStep, toBinary(FromFederateSchema, message));
  }

  save({ request, what }: Checkpoint): void {
    this.#requests =
      what.case === 'atStep'
        ? { asked: request, decided: request, atStep: Number(what.value) }
        : { ...this.#requests, asked: request };
    this.thread.save(this.#requests);
  }

  /** The coordinator is gone, and with it the answer to an open request: the federate needn't wait for it. */
  left(): void {
    this.#isAway = true;
    this.#endTelling();
    const { asked, decided } = this.#requests;
    if (asked === decided) return;
    this.#requests = { asked, decided: asked, atStep: 0 };
    this.thread.save(this.#requests);
  }

  /** What was recorded until then is kept elsewhere. */
  forgetUntil(untilNs: number): void {
    const step = untilNs / this.#dtNs;
    this.#records?.forgetUntil(step);
  }

  /**
   * What a coordinator has to hear that knows what was recorded until `fromNs`. Each is read when it is asked for; what is recorded meanwhile
   * comes after it. When all is said it isn't away any more.
   * @throws what reading from disk throws
   */
  adopted(fromNs: number): Generator<Body> {
    this.#endTelling();
    this.forgetUntil(fromNs);
    this.#isAway = true;
    this.#telling = this.#tell(fromNs / this.#dtNs);
    return this.#telling;
  }

  *#tell(step: number): Generator<Body> {
    const records = this.#records?.read(step);
    // No checkpoint has them.
    const logs = this.#logs?.read(0);
    let progress: FederateReport | undefined;
    try {
      if (this.#ready !== undefined) yield this.#bodyOf(this.#ready);
      for (;;) {
        const record = records?.next();
        if (record !== undefined) {
          yield* this.#due(record.endStep);
          yield bodyIn(record.message);
          continue;
        }
        yield* this.#due(Number.POSITIVE_INFINITY);
        const log = logs?.next();
        if (log !== undefined) yield bodyIn(log.message);
        else if (this.#progress !== progress) {
          progress = this.#progress;
          if (progress !== undefined) yield this.#bodyOf(progress);
        } else break;
      }
      // After it there is nothing.
      if (this.#last !== undefined) yield this.#bodyOf(this.#last);
      this.#isAway = false;
    } finally {
      records?.end();
      logs?.end();
      this.#telling = undefined;
      this.#late = [];
    }
  }

  /** What was said before a record that ends there. */
  *#due(endStep: number): Generator<Body> {
    while (this.#late.length > 0 && this.#late[0].afterStep < endStep) {
      yield this.#bodyOf((this.#late.shift() as Late).report);
    }
  }

  #endTelling(): void {
    this.#telling?.return(undefined);
    // One that was never asked for anything hasn't ended anything either.
    this.#telling = undefined;
    this.#late = [];
  }

  #bodyOf(report: FederateReport): Body {
    return reportToBody(this.place.runId, report);
  }

  /** Nobody will ask for what it kept. */
  close(): void {
    this.#endTelling();
    this.#spill?.close();
  }
}

const bodyIn = (message: Uint8Array): Body => fromBinary(FromFederateSchema, message).body as Body;
