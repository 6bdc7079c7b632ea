/** One worker that has joined: its stream, and the federates that it holds. */
import { create, type MessageInitShape } from '@bufbuild/protobuf';
import type { FederatePlan } from '../graph/plan.js';
import { printable } from '../graph/redact.js';
import type { Graph } from '../graph/types.js';
import { type Assignment, describeError, type EngineSnapshot, type SaveRequests } from '../nodes/index.js';
import {
  ExpansionSchema,
  type Federation,
  type FromFederate,
  type Hello,
  ToFederateSchema,
} from '../proto/gen/nil/v1/control_pb.js';
import { declarationFromMessage } from './grpc/adapter-convert.js';
import type { DuplexOf } from './grpc/bridge.js';
import { assignToMessage, reportFromMessage, type Transport } from './grpc/convert.js';
import { expansionOf } from './grpc/expansion.js';
import type { FederateHandle, FederateListener } from './launch/handle.js';
import type { JoinedDeclaration } from './partition/index.js';

export interface NodeInfo {
  readonly name: string;
  readonly incarnation: number;
  readonly host: string;
  readonly pid: number;
  readonly threads: number;
  readonly memoryBytes: number;
  readonly kinds: readonly string[];
  /** The run it works for; empty when free. */
  readonly runId: string;
  readonly silentMs: number;
  readonly softwareVersion: string;
}

export type JoinStream = DuplexOf<(typeof Federation)['method']['join']>;
type Body = NonNullable<MessageInitShape<typeof ToFederateSchema>['body']>;

/** Whom a worker is taken for. */
export interface Place {
  readonly runId: string;
  readonly federate: number;
  readonly incarnation: number;
  /** It stays taken after the federate's end, until the run is over. */
  readonly keeps: boolean;
}

interface Job extends Place {
  readonly listener: FederateListener;
}

/** From a worker's Hello to the end of its stream. */
export class Member {
  readonly name: string;
  /** The same for the same credentials. */
  readonly caller: string;
  readonly #hello: Hello;
  readonly #incarnation: number;
  readonly #stream: JoinStream;
  readonly #freed: () => void;
  #heardMs = performance.now();
  #jobs: readonly Job[] = [];
  /** It has said that it wants to go. */
  isLeaving = false;

  constructor(hello: Hello, incarnation: number, stream: JoinStream, freed: () => void, caller: string) {
    this.name = hello.name;
    this.caller = caller;
    this.#hello = hello;
    this.#incarnation = incarnation;
    this.#stream = stream;
    this.#freed = freed;
  }

  /** The first run that it works for; empty when it is free. */
  get runId(): string {
    return this.#jobs[0]?.runId ?? '';
  }

  /** Federates that it is taken for. */
  get places(): readonly Place[] {
    return this.#jobs;
  }

  get threads(): number {
    return this.#hello.threads;
  }

  get memoryBytes(): number {
    return Number(this.#hello.memoryBytes);
  }

  /** Whether it builds a partition from the graph's rules; adapters are told what these come to. */
  get expandsRules(): boolean {
    return this.#hello.kinds.includes('software');
  }

  /** What it says of the adapter that it is; undefined for software, and for one that says nothing. */
  get adapter(): JoinedDeclaration | undefined {
    const { adapter } = this.#hello;
    return adapter === undefined ? undefined : declarationFromMessage(adapter);
  }

  /** Whether it can hold this federate of a graph. */
  canHold({ adapter }: FederatePlan, graph: Graph): boolean {
    if (adapter === undefined) return this.expandsRules;
    return this.#hello.kinds.includes(graph.adapters?.[adapter]?.kind ?? '');
  }

  silentMs(): number {
    return performance.now() - this.#heardMs;
  }

  info(): NodeInfo {
    const { host, pid, threads, kinds, softwareVersion } = this.#hello;
    return {
      name: this.name,
      incarnation: this.#incarnation,
      host,
      pid,
      threads,
      memoryBytes: this.memoryBytes,
      kinds,
      runId: this.runId,
      silentMs: this.silentMs(),
      softwareVersion,
    };
  }

  /** Takes this worker for one federate of a run, until that has ended. */
  take(place: Place, transport: Transport, listener: FederateListener): FederateHandle {
    const { runId } = place;
    const job: Job = { ...place, listener };
    this.#jobs = [...this.#jobs, job];
    const send = (body: Body): void => this.send(body, place);
    return {
      worker: this.name,
      assign: (assignment: Assignment, snapshots?: readonly EngineSnapshot[]) => {
        const message = assignToMessage(assignment, transport, snapshots);
        try {
          const expansion = this.expandsRules ? undefined : create(ExpansionSchema, expansionOf(assignment));
          send({ case: 'assign', value: { ...message, expansion } });
        } catch (error) {
          const report = { kind: 'failed' as const, ...describeError(error) };
          queueMicrotask(() => this.#report(job, report));
        }
      },
      start: () => send({ case: 'start', value: { runId } }),
      stop: (reason) => send({ case: 'stop', value: { runId, reason } }),
      save: ({ asked, decided, atStep }: SaveRequests) => {
        const what =
          asked > decided
            ? { case: 'ask' as const, value: true }
            : { case: 'atStep' as const, value: BigInt(atStep) };
        send({ case: 'checkpoint', value: { runId, request: asked, what } });
      },
      restarted: (peer, peerIncarnation, fromNs) => {
        const value = { runId, peer, peerIncarnation, fromNs: BigInt(fromNs) };
        send({ case: 'peerRestarted', value });
      },
      durable: (untilNs) => send({ case: 'durable', value: { runId, untilNs: BigInt(untilNs) } }),
      release: () => {
        const wasHere = this.#drop(job);
        send({ case: 'stop', value: { runId, reason: 'the run is over' } });
        if (wasHere) this.#freed();
      },
      // Its process may not be reached any more; whatever comes of it later is nobody's.
      kill: () => {
        const wasHere = this.#drop(job);
        send({ case: 'drop', value: { runId } });
        if (!this.expandsRules) this.end();
        if (wasHere) this.#freed();
      },
    };
  }

  receive(message: FromFederate): void {
    this.#heardMs = performance.now();
    try {
      const received = reportFromMessage(message);
      if (received === undefined) {
        for (const { listener } of this.#jobs) listener.heard();
        return;
      }
      const job = this.#jobOf(received.runId, message);
      if (job !== undefined) this.#report(job, received.report);
    } catch (error) {
      this.lost(`it sent what can't be read: ${(error as Error).message}`);
      this.end();
    }
  }

  #jobOf(runId: string, { federate, incarnation }: FromFederate): Job | undefined {
    return this.#jobs.find(
      (job) =>
        job.runId === runId &&
        (incarnation === 0 || (job.federate === federate && job.incarnation === incarnation)),
    );
  }

  #report(job: Job, report: NonNullable<ReturnType<typeof reportFromMessage>>['report']): void {
    const ended = report.kind === 'failed' || (report.kind === 'done' && !job.keeps);
    if (ended) this.#drop(job);
    job.listener.report(
      report.kind === 'failed'
        ? { ...report, code: plainText(report.code), message: plainText(report.message) }
        : report,
    );
    if (ended) this.#freed();
  }

  #drop(job: Job): boolean {
    const before = this.#jobs.length;
    this.#jobs = this.#jobs.filter((other) => other !== job);
    return this.#jobs.length < before;
  }

  lost(reason: string): void {
    const jobs = this.#jobs;
    this.#jobs = [];
    for (const { listener } of jobs) listener.lost(reason);
  }

  /** @param to The federate that it is for; the worker itself when undefined. */
  send(body: Body, to?: Pick<Place, 'federate' | 'incarnation'>): void {
    if (!this.#stream.writable) return;
    const { federate = 0, incarnation = 0 } = to ?? {};
    this.#stream.write(create(ToFederateSchema, { body, federate, incarnation }));
  }

  end(): void {
    if (this.#stream.writable) this.#stream.end();
  }
}

const LONGEST_MESSAGE = 2000;

/** Text from elsewhere that people are going to see: of bounded length, and nothing in it that steers a terminal. */
export const plainText = (text: string): string => printable(text.slice(0, LONGEST_MESSAGE));
