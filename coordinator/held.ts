/** A federate that a worker holds, and what a coordinator that comes back has to be told of it once more. */
import { tmpdir } from 'node:os';
import { create, fromBinary, type MessageInitShape, toBinary } from '@bufbuild/protobuf';
import { type Assignment, type FederateReport, NO_REQUESTS, type SaveRequests } from '../nodes/index.js';
import { type Checkpoint, FromFederateSchema } from '../proto/gen/nil/v1/control_pb.js';
import { reportToBody } from './grpc/convert.js';
import { FileSpill } from './launch/file-spill.js';
import { KeptRecords } from './launch/kept-records.js';
import type { ThreadFederate } from './launch/thread-handle.js';

type Body = NonNullable<MessageInitShape<typeof FromFederateSchema>['body']>;

export interface HeldPlace {
  readonly runId: string;
  readonly federate: number;
  readonly incarnation: number;
}

type Logged = FederateReport & { readonly kind: 'log' };

export class Held {
  readonly place: HeldPlace;
  readonly thread: ThreadFederate;
  /** Resolves when it has said how it ended. */
  readonly lastWord: Promise<void>;
  readonly #dtNs: number;
  #requests: SaveRequests = NO_REQUESTS;
  #ready: FederateReport | undefined;
  #progress: FederateReport | undefined;
  /** Absent where no coordinator can come back. */
  readonly #records: KeptRecords | undefined;
  readonly #spill: FileSpill | undefined;
  #logs: Logged[] = [];
  #last: FederateReport | undefined;
  #spoken = (): void => {};
  #isAway = false;

  /** @param spillDir Where records go that don't fit in memory. */
  constructor(place: HeldPlace, thread: ThreadFederate, assignment: Assignment, spillDir = tmpdir()) {
    const { plan, retain = false, checkpoints } = assignment;
    this.place = place;
    this.thread = thread;
    // A coordinator without a store doesn't come back.
    if (retain && checkpoints !== undefined) {
      this.#spill = new FileSpill(spillDir);
      this.#records = new KeptRecords((assignment.startNs ?? plan.startNs ?? 0) / plan.dtNs, this.#spill);
    }
    this.#dtNs = plan.dtNs;
    this.lastWord = new Promise((resolve) => {
      this.#spoken = resolve;
    });
  }

  /**
   * The coordinator is gone, and whoever comes back doesn't know this federate before it adopts it: then it hears everything in its order, so
   * nothing may be told meanwhile.
   */
  get isAway(): boolean {
    return this.#isAway;
  }

  get ended(): boolean {
    return this.#last !== undefined;
  }

  said(report: FederateReport): void {
    if (report.kind === 'ready') this.#ready = report;
    else if (report.kind === 'progress') this.#progress = report;
    else if (report.kind === 'done' || report.kind === 'failed') {
      this.#last = report;
      this.#spoken();
    } else if (report.kind === 'record' && this.#records !== undefined) {
      const body = reportToBody(this.place.runId, report);
      const message = toBinary(FromFederateSchema, create(FromFederateSchema, { body }));
      this.#records.keep(report.chunk.endStep, message);
    } else if (report.kind === 'log' && this.#records !== undefined) this.#logs.push(report);
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
    const { asked, decided } = this.#requests;
    if (asked === decided) return;
    this.#requests = { asked, decided: asked, atStep: 0 };
    this.thread.save(this.#requests);
  }

  /** What was recorded until then is kept elsewhere. */
  forgetUntil(untilNs: number): void {
    const step = untilNs / this.#dtNs;
    this.#records?.forgetUntil(step);
    this.#logs = this.#logs.filter(({ log }) => log.endStep > step);
  }

  /** What a coordinator has to hear that knows what was recorded until `fromNs`. */
  adopted(fromNs: number): Body[] {
    this.#isAway = false;
    this.forgetUntil(fromNs);
    const said = (reports: readonly (FederateReport | undefined)[]): Body[] =>
      reports.flatMap((report) => (report === undefined ? [] : [reportToBody(this.place.runId, report)]));
    const records = [...(this.#records?.since(fromNs / this.#dtNs) ?? [])].map(
      (message) => fromBinary(FromFederateSchema, message).body as Body,
    );
    return [...said([this.#ready]), ...records, ...said([...this.#logs, this.#progress, this.#last])];
  }

  /** Nobody will ask for what it kept. */
  close(): void {
    this.#spill?.close();
  }
}
