/** A federate that a worker holds, and what a coordinator that comes back has to be told of it once more. */
import type { MessageInitShape } from '@bufbuild/protobuf';
import { type Assignment, type FederateReport, NO_REQUESTS, type SaveRequests } from '../nodes/index.js';
import type { Checkpoint, FromFederateSchema } from '../proto/gen/nil/v1/control_pb.js';
import { reportToBody } from './grpc/convert.js';
import type { ThreadFederate } from './launch/thread-handle.js';

type Body = NonNullable<MessageInitShape<typeof FromFederateSchema>['body']>;

export interface HeldPlace {
  readonly runId: string;
  readonly federate: number;
  readonly incarnation: number;
}

type Recorded = FederateReport & { readonly kind: 'record' | 'log' };

export class Held {
  readonly place: HeldPlace;
  readonly thread: ThreadFederate;
  /** Resolves when it has said how it ended. */
  readonly lastWord: Promise<void>;
  readonly #keeps: boolean;
  readonly #dtNs: number;
  #requests: SaveRequests = NO_REQUESTS;
  #ready: FederateReport | undefined;
  #progress: FederateReport | undefined;
  #recorded: Recorded[] = [];
  #last: FederateReport | undefined;
  #spoken = (): void => {};
  #isAway = false;

  constructor(place: HeldPlace, thread: ThreadFederate, { plan, retain = false, checkpoints }: Assignment) {
    this.place = place;
    this.thread = thread;
    // A coordinator without a store doesn't come back.
    this.#keeps = retain && checkpoints !== undefined;
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
    } else if (this.#keeps && (report.kind === 'record' || report.kind === 'log'))
      this.#recorded.push(report);
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
    this.#recorded = this.#recorded.filter((report) => endStepOf(report) > step);
  }

  /** What a coordinator has to hear that knows what was recorded until `fromNs`. */
  adopted(fromNs: number): Body[] {
    this.#isAway = false;
    this.forgetUntil(fromNs);
    const reports = [this.#ready, ...this.#recorded, this.#progress, this.#last];
    return reports.flatMap((report) =>
      report === undefined ? [] : [reportToBody(this.place.runId, report)],
    );
  }
}

const endStepOf = (report: Recorded): number =>
  report.kind === 'record' ? report.chunk.endStep : report.log.endStep;
