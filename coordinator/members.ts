/**
 * Workers that have joined: one stream each, pinged at a steady beat. A worker is gone when its stream ends, when another of its
 * name takes its place, or when it has been silent past the deadline while it has no run (a run has its own timeout, so that its
 * status can name a silent federate before it fails).
 */
import * as grpc from '@grpc/grpc-js';
import { printable } from '../graph/redact.js';
import type { FromFederate, HeldFederate, Hello } from '../proto/gen/nil/v1/control_pb.js';
import { type JoinStream, Member, type NodeInfo, plainText } from './member.js';
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

/** What happens to workers. */
export interface MemberEvents {
  /** One joined, left or became free. */
  readonly changed: () => void;
  /** It says that it holds a federate: whether anybody wants that; it is told by then. */
  readonly held?: (member: Member, held: HeldFederate) => boolean;
  /** It wants to go: what it holds has to go on elsewhere. */
  readonly leaving?: (member: Member, reason: string) => void;
}

export class Members {
  readonly #options: MemberOptions;
  readonly #members = new Map<string, Member>();
  readonly #incarnations = new Map<string, number>();
  readonly #events: MemberEvents;
  readonly #beat: NodeJS.Timeout;
  #nonce = 0n;
  #pingedMs = performance.now();

  constructor(options: MemberOptions, events: MemberEvents) {
    this.#options = options;
    this.#events = events;
    this.#beat = setInterval(() => this.#ping(), options.heartbeatMs);
  }

  /** In the order of joining. */
  get free(): readonly Member[] {
    return this.able.filter((member) => member.runId === '');
  }

  /** Those that answer and stay, in the order of joining. */
  get able(): readonly Member[] {
    const { deadlineMs } = this.#options;
    return [...this.#members.values()].filter(
      (member) => !member.isLeaving && member.silentMs() <= deadlineMs,
    );
  }

  get all(): readonly Member[] {
    return [...this.#members.values()];
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
      if (member !== undefined) this.#receive(member, message);
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

  #receive(member: Member, message: FromFederate): void {
    if (message.body.case !== 'leaving') {
      member.receive(message);
      return;
    }
    member.isLeaving = true;
    this.#events.leaving?.(member, plainText(message.body.value.reason));
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
    const member = new Member(hello, incarnation, stream, this.#events.changed, caller);
    this.#members.set(hello.name, member);
    const { heartbeatMs, deadlineMs } = this.#options;
    member.send({
      case: 'welcome',
      value: { incarnation, heartbeatMs, deadlineMs, softwareVersion: VERSION },
    });
    for (const held of hello.holds) {
      if (this.#events.held?.(member, held) === true) continue;
      member.send({ case: 'drop', value: { runId: held.runId } }, held);
    }
    this.#events.changed();
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
    this.#events.changed();
  }

  #ping(): void {
    // Where this process stood still, nobody can have been heard.
    const now = performance.now();
    const sleptMs = now - this.#pingedMs - this.#options.heartbeatMs;
    this.#pingedMs = now;
    for (const member of this.#members.values()) {
      if (
        member.runId === '' &&
        sleptMs < this.#options.deadlineMs / 2 &&
        member.silentMs() > this.#options.deadlineMs
      ) {
        this.#leave(member, `silent for ${Math.round(member.silentMs())} ms`);
        member.end();
      } else member.send({ case: 'ping', value: { nonce: this.#nonce++ } });
    }
  }
}

const isPlain = (text: string): boolean => text.length <= LONGEST_TEXT && printable(text) === text;

function refuse(stream: JoinStream, details: string): void {
  stream.emit('error', { code: grpc.status.FAILED_PRECONDITION, details });
}
