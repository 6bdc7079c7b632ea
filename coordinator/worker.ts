/**
 * A worker: joins a coordinator and runs partitions, each in a thread of its own, so that it answers pings while it simulates and can be
 * stopped at any time. When the coordinator goes away the partitions go on, and the worker joins again with them.
 */
import { hostname } from 'node:os';
import { create, type MessageInitShape } from '@bufbuild/protobuf';
import type * as grpc from '@grpc/grpc-js';
import { InputError } from '../graph/errors.js';
import { type Assignment, describeError } from '../nodes/index.js';
import { type Assign, FromFederateSchema, type ToFederate } from '../proto/gen/nil/v1/control_pb.js';
import type { NatsAccess } from '../stream/nats/index.js';
import { declarationToMessage } from './grpc/adapter-convert.js';
import { fromStatus } from './grpc/bridge.js';
import { assignFromMessage, reportToBody, type Transport } from './grpc/convert.js';
import { Held, type HeldPlace } from './held.js';
import { drained, isRefusal, type JoinStream, openJoin, refused } from './join-stream.js';
import { kernelsFor } from './launch/engine-factory.js';
import type { FederateListener } from './launch/handle.js';
import { ThreadFederate } from './launch/thread-handle.js';
import type { ThreadAdapter } from './launch/thread-protocol.js';
import { machineMemory } from './machine-memory.js';
import { checkMemory, type FederateMemory } from './partition/index.js';
import { connectGrpc } from './security/tls.js';
import { PROTOCOL_VERSION, VERSION } from './version.js';
import type { WorkerOptions, WorkerProcess, WorkerStatus } from './worker-options.js';

export type { WorkerAdapter, WorkerOptions, WorkerProcess } from './worker-options.js';

/** Between attempts to join, doubled up to the longest. */
const RETRY_MS = 250;
const LONGEST_RETRY_MS = 1000;
const CLOSE_MS = 3000;
/** A coordinator pings every second; one that is busy may miss many. */
const BEAT_MS = 5000;
const SILENT_BEATS = 6;

export function startWorker(options: WorkerOptions): WorkerProcess {
  const worker = new JoiningWorker(options);
  return {
    name: worker.name,
    closed: worker.serve(),
    close: () => worker.close(),
    leave: (reason, withinMs) => worker.leave(reason, withinMs),
    status: () => worker.status(),
  };
}

type Body = NonNullable<MessageInitShape<typeof FromFederateSchema>['body']>;

class JoiningWorker {
  readonly name: string;
  readonly #options: WorkerOptions;
  readonly #client: grpc.Client;
  readonly #memoryBytes: number;
  #stream: JoinStream | undefined;
  /** By run and number. */
  readonly #held = new Map<string, Held>();
  #closing = false;
  #heard = false;
  #joined = false;
  #wake = (): void => {};

  constructor(options: WorkerOptions) {
    this.#options = options;
    this.name = options.name ?? `${hostname()}-${process.pid}`;
    this.#client = connectGrpc(options.coordinator, options.access);
    this.#memoryBytes = options.memoryBytes ?? machineMemory().bytes;
  }

  async serve(): Promise<void> {
    let retryMs = RETRY_MS;
    let missed = '';
    try {
      while (!this.#closing) {
        this.#joined = false;
        const error = await this.#joinOnce();
        if (this.#closing) return;
        if (error !== undefined && isRefusal(error)) throw refused(error, this.#client);
        for (const held of this.#held.values()) held.left();
        if (this.#joined) retryMs = RETRY_MS;
        const missing = this.#missing(error);
        // Once, and not every second for as long as the coordinator is away.
        if (this.#joined || missing !== missed) this.#log(`worker ${this.name}: ${missing}, trying again`);
        missed = missing;
        await this.#sleep(retryMs);
        retryMs = Math.min(retryMs * 2, LONGEST_RETRY_MS);
      }
    } finally {
      this.#dropAll();
      this.#client.close();
    }
  }

  status(): WorkerStatus {
    return {
      joined: this.#joined && this.#stream?.writable === true,
      threads: this.#options.threads ?? 1,
      memoryBytes: this.#memoryBytes,
      federates: [...this.#held.values()].map((held) => held.status),
    };
  }

  async close(): Promise<void> {
    this.#closing = true;
    const open = [...this.#held.values()].filter(({ ended }) => !ended);
    for (const held of open) held.thread.stop();
    if (open.length > 0) {
      await Promise.race([Promise.all(open.map(({ lastWord }) => lastWord)), this.#sleep(CLOSE_MS)]);
    }
    this.#stream?.end();
    this.#wake();
  }

  /**
   * Asks the coordinator to let what it holds go on elsewhere, and leaves when that is done, or after `withinMs` in any case.
   * @param reason For the log.
   */
  async leave(reason: string, withinMs: number): Promise<void> {
    if (this.#held.size > 0 && this.#joined) {
      this.#log(`worker ${this.name}: leaving: ${reason}`);
      this.#send({ case: 'leaving', value: { reason } });
      const deadline = performance.now() + withinMs;
      while (this.#held.size > 0 && !this.#closing && performance.now() < deadline) await this.#sleep(50);
    }
    await this.close();
  }

  /** One stream from Hello to its end. */
  async #joinOnce(): Promise<grpc.ServiceError | undefined> {
    const stream = openJoin(this.#client);
    this.#stream = stream;
    this.#heard = true;
    let silent = 0;
    // A coordinator whose machine is gone closes nothing: it is missed by its pings.
    const watch = setInterval(() => {
      silent = this.#heard ? 0 : silent + 1;
      this.#heard = false;
      if (silent > SILENT_BEATS) stream.cancel();
    }, BEAT_MS);
    const ended = new Promise<grpc.ServiceError | undefined>((resolve) => {
      stream.on('data', (message: ToFederate) => this.#receive(message));
      stream.on('error', (error: grpc.ServiceError) => resolve(error));
      stream.on('end', () => {
        stream.end();
        resolve(undefined);
      });
    });
    this.#hello();
    const error = await ended;
    clearInterval(watch);
    return error;
  }

  #hello(): void {
    const { threads = 1, adapter } = this.#options;
    this.#send({
      case: 'hello',
      value: {
        protocolVersion: PROTOCOL_VERSION,
        name: this.name,
        threads,
        memoryBytes: BigInt(this.#memoryBytes),
        kinds: [adapter?.declaration.kind ?? 'software'],
        adapter: adapter === undefined ? undefined : declarationToMessage(adapter),
        host: hostname(),
        pid: process.pid,
        softwareVersion: VERSION,
        holds: [...this.#held.values()].map(({ place }) => place),
      },
    });
  }

  #receive(message: ToFederate): void {
    const { body } = message;
    this.#heard = true;
    switch (body.case) {
      case 'welcome':
        this.#joined = true;
        this.#log(
          `worker ${this.name}: joined ${this.#options.coordinator} (incarnation ${body.value.incarnation})`,
        );
        return;
      case 'ping':
        this.#send({ case: 'pong', value: { nonce: body.value.nonce } });
        return;
      case 'assign':
        this.#assign(body.value);
        return;
      default:
        this.#receiveFor(message);
    }
  }

  /** What is for one of its federates. */
  #receiveFor({ body, federate, incarnation }: ToFederate): void {
    if (body.case === undefined || body.case === 'welcome' || body.case === 'ping') return;
    const held = this.#held.get(keyOf(body.value.runId, federate));
    if (held === undefined || held.place.incarnation !== incarnation) return;
    const { thread } = held;
    switch (body.case) {
      case 'start':
        thread.start();
        return;
      case 'stop':
        if (held.ended) this.#release(held);
        else thread.stop();
        return;
      case 'checkpoint':
        held.save(body.value);
        return;
      case 'peerRestarted':
        thread.restarted(body.value.peer, body.value.peerIncarnation, Number(body.value.fromNs));
        return;
      case 'durable':
        held.forgetUntil(Number(body.value.untilNs));
        thread.durable(Number(body.value.untilNs));
        return;
      case 'adopt':
        this.#log(`worker ${this.name}: run ${body.value.runId}, federate ${federate} goes on`);
        void this.#tell(held, Number(body.value.fromNs));
        return;
      case 'drop':
        thread.kill();
        this.#forget(held);
        return;
      default:
    }
  }

  /** As fast as the coordinator takes it: nothing piles up here but what a stream buffers. */
  async #tell(held: Held, fromNs: number): Promise<void> {
    const stream = this.#stream;
    try {
      for (const said of held.adopted(fromNs)) {
        if (stream === undefined || stream !== this.#stream || !stream.writable) return;
        if (!this.#send(said, held.place)) await drained(stream);
      }
    } catch (error) {
      held.thread.kill();
      this.#send({ case: 'failed', value: { runId: held.place.runId, ...describeError(error) } }, held.place);
    }
  }

  #assign(message: Assign): void {
    const { runId, federate, incarnation } = message;
    const place = { runId, federate, incarnation };
    const before = this.#held.get(keyOf(runId, federate));
    before?.thread.kill();
    if (before !== undefined) this.#forget(before);
    try {
      const { assignment, transport, snapshots } = assignFromMessage(message);
      const memory = this.#checkMemory(assignment);
      const { creditNs, creditBytes } = transport;
      const { retainBytes, spillDir } = this.#options;
      const limits = { creditNs, creditBytes, retainBytes, spillDir };
      const link = { kind: 'nats' as const, nats: this.#nats(transport), ...limits };
      const listener: FederateListener = {
        report: (report) => {
          try {
            held.said(report);
          } catch (error) {
            thread.kill();
            listener.report({ kind: 'failed', ...describeError(error) });
            return;
          }
          if (!held.isAway) this.#send(reportToBody(runId, report), place);
          if (held.ended && assignment.retain !== true) this.#forget(held);
        },
        // Pongs say that this process lives.
        heard: () => {},
        lost: (reason) => {
          const text = `worker ${this.name}: ${reason}`;
          const failed = {
            kind: 'failed' as const,
            code: 'FEDERATE_LOST',
            message: text,
            exitStatus: 1 as const,
          };
          listener.report(failed);
        },
      };
      const thread = new ThreadFederate(
        this.name,
        link,
        listener,
        kernelsFor(assignment.graph, assignment.plan),
        this.#adapterFor(assignment),
      );
      const held = new Held(place, thread, assignment, this.#options.spillDir, memory);
      this.#held.set(keyOf(runId, federate), held);
      thread.assign(assignment, snapshots);
      this.#log(`worker ${this.name}: run ${runId}, federate ${federate}`);
    } catch (error) {
      this.#send({ case: 'failed', value: { runId, ...describeError(error) } }, place);
    }
  }

  /** @throws RunError MEMORY_EXCEEDED */
  #checkMemory({ graph, plan, federate, threads }: Assignment): FederateMemory | undefined {
    if (this.#options.adapter !== undefined) return undefined;
    const others = [...this.#held.values()].flatMap(({ memory }) => memory ?? []);
    const place = { worker: this.name, memoryBytes: this.#memoryBytes, others };
    return checkMemory(graph, plan, federate, threads, place);
  }

  /**
   * Nobody runs a module because a graph says so: an adapter is what this worker was started as.
   * @throws InputError ASSIGN_INVALID
   */
  #adapterFor({ graph, plan, federate }: Assignment): ThreadAdapter | undefined {
    const { adapter: own } = this.#options;
    const { name, adapter } = plan.federates[federate];
    const wanted = adapter === undefined ? 'software' : graph.adapters?.[adapter]?.kind;
    const kind = own?.declaration.kind ?? 'software';
    if (wanted !== kind) {
      throw new InputError('ASSIGN_INVALID', `federate ${name}: found kind ${wanted}, expected ${kind}`);
    }
    return own === undefined ? undefined : { kind: 'plugin', url: own.url, config: own.config };
  }

  /** The run of a federate that is done is over. */
  #release(held: Held): void {
    this.#forget(held);
    held.thread.release();
  }

  #forget(held: Held): void {
    const { runId, federate } = held.place;
    const key = keyOf(runId, federate);
    if (this.#held.get(key) === held) this.#held.delete(key);
    held.close();
  }

  #nats({ natsUrl, natsCa, natsUser }: Transport): NatsAccess {
    const { url = natsUrl, tls, credentials } = this.#options.nats ?? {};
    const { natsIdentity } = this.#options;
    const given = natsCa === undefined ? natsIdentity : { ...natsIdentity, ca: natsCa };
    const demanded = natsCa !== undefined || url.includes('tls://');
    return {
      url,
      tls: tls ?? (demanded ? given : undefined),
      credentials: credentials ?? (natsUser === undefined ? undefined : { kind: 'jwt', ...natsUser }),
    };
  }

  #missing(error: grpc.ServiceError | undefined): string {
    const { coordinator } = this.#options;
    if (error === undefined) return `no coordinator at ${coordinator}`;
    return fromStatus(error, this.#client).message;
  }

  /** Whatever runs is nobody's any more. */
  #dropAll(): void {
    for (const held of [...this.#held.values()]) {
      held.thread.kill();
      this.#forget(held);
    }
  }

  /** Whether it may be sent more: else after 'drain'. */
  #send(body: Body, from?: HeldPlace): boolean {
    if (!this.#stream?.writable) return true;
    const { federate = 0, incarnation = 0 } = from ?? {};
    return this.#stream.write(create(FromFederateSchema, { body, federate, incarnation }));
  }

  #sleep(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  #log(line: string): void {
    this.#options.log?.(line);
  }
}

const keyOf = (runId: string, federate: number): string => `${runId} ${federate}`;
