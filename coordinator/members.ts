/**
 * Workers that have joined: one stream each, pinged at a steady beat. A worker is gone when its stream ends, when another of its
 * name takes its place, or when it has been silent past the deadline while it has no run (a run has its own timeout, so that its
 * status can name a silent federate before it fails).
 */
import { create, type MessageInitShape } from '@bufbuild/protobuf';
import * as grpc from '@grpc/grpc-js';
import { printable } from '../graph/redact.js';
import { type Assignment, describeError, type EngineSnapshot, type SaveRequests } from '../nodes/index.js';
import {
  ExpansionSchema,
  type Federation,
  type FromFederate,
  type Hello,
  ToFederateSchema,
} from '../proto/gen/nil/v1/control_pb.js';
import type { DuplexOf } from './grpc/bridge.js';
import { assignToMessage, reportFromMessage, type Transport } from './grpc/convert.js';
import { expansionOf } from './grpc/expansion.js';
import type { FederateHandle, FederateListener } from './launch/handle.js';
import { callerId } from './security/guard.js';
import { PROTOCOL_VERSION, VERSION } from './version.js';

export interface MemberOptions {
  readonly heartbeatMs: number;
  readonly deadlineMs: number;
  /** How many may be joined at a time; undefined: any number. */
  readonly most?: number;
}

/** What people see in lists and logs. */
const LONGEST_TEXT = 200;

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

type JoinStream = DuplexOf<(typeof Federation)['method']['join']>;
type Body = NonNullable<MessageInitShape<typeof ToFederateSchema>['body']>;

export class Members {
  readonly #options: MemberOptions;
  readonly #members = new Map<string, Member>();
  readonly #incarnations = new Map<string, number>();
  readonly #changed: () => void;
  readonly #beat: NodeJS.Timeout;
  #nonce = 0n;

  /** @param changed called when a worker joined, left or became free */
  constructor(options: MemberOptions, changed: () => void) {
    this.#options = options;
    this.#changed = changed;
    this.#beat = setInterval(() => this.#ping(), options.heartbeatMs);
  }

  /** In the order of joining. */
  get free(): readonly Member[] {
    return [...this.#members.values()].filter((member) => member.runId === '');
  }

  list(): NodeInfo[] {
    return [...this.#members.values()].map((member) => member.info());
  }

  /** Takes a new stream; the first message must be a Hello. */
  join(stream: JoinStream): void {
    let member: Member | undefined;
    const silent = setTimeout(() => {
      refuse(stream, `found no Hello for ${this.#options.deadlineMs} ms, expected it at once`);
    }, this.#options.deadlineMs);
    stream.on('data', (message: FromFederate) => {
      clearTimeout(silent);
      if (member !== undefined) member.receive(message);
      else if (message.body.case === 'hello') member = this.#welcome(stream, message.body.value);
      else refuse(stream, 'the first message of a worker must be Hello');
    });
    const left = (reason: string): void => {
      clearTimeout(silent);
      if (member !== undefined) this.#leave(member, reason);
      member = undefined;
      if (!stream.destroyed) stream.end();
    };
    stream.on('end', () => left('it left'));
    stream.on('cancelled', () => left('its connection is gone'));
    stream.on('error', (error: Error) => left(`its connection is gone: ${error.message}`));
  }

  close(): void {
    clearInterval(this.#beat);
    for (const member of this.#members.values()) member.end();
    this.#members.clear();
  }

  #welcome(stream: JoinStream, hello: Hello): Member | undefined {
    if (hello.protocolVersion !== PROTOCOL_VERSION) {
      const found = `protocol version ${hello.protocolVersion}, this coordinator speaks ${PROTOCOL_VERSION}`;
      refuse(stream, `worker ${hello.name}: ${found}`);
      return undefined;
    }
    const wrong = this.#problemOf(hello);
    if (wrong !== undefined) {
      refuse(stream, wrong);
      return undefined;
    }
    const caller = callerId(stream.metadata);
    const before = this.#members.get(hello.name);
    if (before !== undefined && before.caller !== caller) {
      refuse(stream, `worker ${hello.name}: another one of that name has joined with other credentials`);
      return undefined;
    }
    if (before !== undefined) {
      this.#leave(before, 'another worker of its name took its place');
      before.end();
    }
    const incarnation = (this.#incarnations.get(hello.name) ?? 0) + 1;
    this.#incarnations.set(hello.name, incarnation);
    const member = new Member(hello, incarnation, stream, this.#changed, caller);
    this.#members.set(hello.name, member);
    const { heartbeatMs, deadlineMs } = this.#options;
    member.send({
      case: 'welcome',
      value: { incarnation, heartbeatMs, deadlineMs, softwareVersion: VERSION },
    });
    this.#changed();
    return member;
  }

  /** Its texts go to terminals and logs, so they may not steer them. */
  #problemOf({ name, host, softwareVersion, kinds, threads }: Hello): string | undefined {
    const texts = [name, host, softwareVersion, ...kinds];
    if (name === '' || kinds.length > 100 || texts.some((text) => !isPlain(text))) {
      return `found a Hello with an empty, long or unprintable text, expected a name and at most ${LONGEST_TEXT} printable characters in each`;
    }
    if (threads < 1) return `worker ${name}: found ${threads} threads, expected at least 1`;
    const { most = Number.POSITIVE_INFINITY } = this.#options;
    if (this.#members.size < most || this.#members.has(name)) return undefined;
    return `worker ${name}: found ${most} workers that have joined, expected fewer (this coordinator's limit)`;
  }

  #leave(member: Member, reason: string): void {
    if (this.#members.get(member.name) !== member) return;
    this.#members.delete(member.name);
    member.lost(reason);
    this.#changed();
  }

  #ping(): void {
    for (const member of this.#members.values()) {
      if (member.runId === '' && member.silentMs() > this.#options.deadlineMs) {
        this.#leave(member, `silent for ${member.silentMs()} ms`);
        member.end();
      } else member.send({ case: 'ping', value: { nonce: this.#nonce++ } });
    }
  }
}

/** One worker, from its Hello to the end of its stream. Holds at most one federate at a time. */
export class Member {
  readonly name: string;
  /** The same for the same credentials. */
  readonly caller: string;
  readonly #hello: Hello;
  readonly #incarnation: number;
  readonly #stream: JoinStream;
  readonly #freed: () => void;
  #heardMs = Date.now();
  #job: { readonly runId: string; readonly listener: FederateListener } | undefined;

  constructor(hello: Hello, incarnation: number, stream: JoinStream, freed: () => void, caller: string) {
    this.name = hello.name;
    this.caller = caller;
    this.#hello = hello;
    this.#incarnation = incarnation;
    this.#stream = stream;
    this.#freed = freed;
  }

  get runId(): string {
    return this.#job?.runId ?? '';
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

  silentMs(): number {
    return Date.now() - this.#heardMs;
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
  take(runId: string, transport: Transport, listener: FederateListener): FederateHandle {
    this.#job = { runId, listener };
    return {
      worker: this.name,
      assign: (assignment: Assignment, snapshots?: readonly EngineSnapshot[]) => {
        const message = assignToMessage(assignment, transport, snapshots);
        try {
          const expansion = this.expandsRules ? undefined : create(ExpansionSchema, expansionOf(assignment));
          this.send({ case: 'assign', value: { ...message, expansion } });
        } catch (error) {
          const report = { kind: 'failed' as const, ...describeError(error) };
          queueMicrotask(() => this.#report({ runId, report }));
        }
      },
      start: () => this.send({ case: 'start', value: { runId } }),
      stop: (reason) => this.send({ case: 'stop', value: { runId, reason } }),
      save: ({ asked, decided, atStep }: SaveRequests) => {
        const what =
          asked > decided
            ? { case: 'ask' as const, value: true }
            : { case: 'atStep' as const, value: BigInt(atStep) };
        this.send({ case: 'checkpoint', value: { runId, request: asked, what } });
      },
      restarted: (peer, peerIncarnation, fromNs) => {
        const value = { runId, peer, peerIncarnation, fromNs: BigInt(fromNs) };
        this.send({ case: 'peerRestarted', value });
      },
      durable: (untilNs) => this.send({ case: 'durable', value: { runId, untilNs: BigInt(untilNs) } }),
      release: () => this.send({ case: 'stop', value: { runId, reason: 'the run is over' } }),
      // Its process can't be reached any more; whatever comes of it later is nobody's.
      kill: () => {
        if (this.runId === runId) this.#job = undefined;
        this.end();
      },
    };
  }

  receive(message: FromFederate): void {
    this.#heardMs = Date.now();
    try {
      const received = reportFromMessage(message);
      if (received === undefined) this.#job?.listener.heard();
      else if (received.runId === this.#job?.runId) this.#report(received);
    } catch (error) {
      this.lost(`it sent what can't be read: ${(error as Error).message}`);
      this.end();
    }
  }

  #report({ report }: NonNullable<ReturnType<typeof reportFromMessage>>): void {
    const job = this.#job;
    const ended = report.kind === 'done' || report.kind === 'failed';
    if (ended) this.#job = undefined;
    job?.listener.report(
      report.kind === 'failed'
        ? { ...report, code: plainText(report.code), message: plainText(report.message) }
        : report,
    );
    if (ended) this.#freed();
  }

  lost(reason: string): void {
    const job = this.#job;
    this.#job = undefined;
    job?.listener.lost(reason);
  }

  send(body: Body): void {
    if (this.#stream.writable) this.#stream.write(create(ToFederateSchema, { body }));
  }

  end(): void {
    if (this.#stream.writable) this.#stream.end();
  }
}

const LONGEST_MESSAGE = 2000;

/** Text from elsewhere that people are going to see: of bounded length, and nothing in it that steers a terminal. */
export const plainText = (text: string): string => printable(text.slice(0, LONGEST_MESSAGE));

const isPlain = (text: string): boolean => text.length <= LONGEST_TEXT && printable(text) === text;

function refuse(stream: JoinStream, details: string): void {
  stream.emit('error', { code: grpc.status.FAILED_PRECONDITION, details });
}
