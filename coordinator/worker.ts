/**
 * A worker: joins a coordinator and runs one partition at a time, in a thread of its own, so that it answers pings while it simulates
 * and can be stopped at any time. When the coordinator goes away it drops what it runs and joins again.
 */
import { hostname, totalmem } from 'node:os';
import { create, type MessageInitShape } from '@bufbuild/protobuf';
import * as grpc from '@grpc/grpc-js';
import { InputError, type NilError } from '../graph/errors.js';
import { describeError, NO_REQUESTS, type SaveRequests } from '../nodes/index.js';
import {
  type Assign,
  type Checkpoint,
  Federation,
  FromFederateSchema,
  type ToFederate,
} from '../proto/gen/nil/v1/control_pb.js';
import type { NatsAccess, TlsFiles } from '../stream/nats/index.js';
import { callBiDi, fromStatus } from './grpc/bridge.js';
import { assignFromMessage, reportToBody, type Transport } from './grpc/convert.js';
import { kernelsFor } from './launch/engine-factory.js';
import type { FederateListener } from './launch/handle.js';
import { ThreadFederate } from './launch/thread-handle.js';
import { type CoordinatorAccess, connectGrpc } from './security/tls.js';
import { PROTOCOL_VERSION, VERSION } from './version.js';

export interface WorkerOptions {
  /** `host:port` of the coordinator. */
  readonly coordinator: string;
  /** Who this worker is to the coordinator, and whom it trusts. */
  readonly access?: CoordinatorAccess;
  /** The message bus as this machine reaches it, and who it is there; what the coordinator says where undefined. */
  readonly nats?: Partial<NatsAccess>;
  /** What it trusts and shows where the bus has TLS and `nats` doesn't say. */
  readonly natsIdentity?: TlsFiles;
  /** Threads that a partition may use; 1 when undefined. */
  readonly threads?: number;
  /** Unique among workers; host name and process id when undefined. */
  readonly name?: string;
  /** What happens, in lines for a log. */
  readonly log?: (line: string) => void;
}

export interface WorkerProcess {
  readonly name: string;
  /** Resolves after `close`; rejects when the coordinator refuses this worker. */
  readonly closed: Promise<void>;
  /** Stops what it runs (what was recorded is flushed) and leaves. */
  close(): Promise<void>;
}

/** Between attempts to join, doubled up to the longest. */
const RETRY_MS = 250;
const LONGEST_RETRY_MS = 5000;
const CLOSE_MS = 3000;
/** A coordinator pings every second; one that is busy may miss many. */
const BEAT_MS = 5000;
const SILENT_BEATS = 6;

export function startWorker(options: WorkerOptions): WorkerProcess {
  const worker = new JoiningWorker(options);
  return { name: worker.name, closed: worker.serve(), close: () => worker.close() };
}

type JoinStream = ReturnType<typeof openJoin>;
type Body = NonNullable<MessageInitShape<typeof FromFederateSchema>['body']>;

class JoiningWorker {
  readonly name: string;
  readonly #options: WorkerOptions;
  readonly #client: grpc.Client;
  #stream: JoinStream | undefined;
  #federate: { readonly runId: string; readonly thread: ThreadFederate } | undefined;
  #saveRequests: SaveRequests = NO_REQUESTS;
  /** Resolves when the federate has said how it ended. */
  #lastWord: Promise<void> = Promise.resolve();
  #closing = false;
  #heard = false;
  #joined = false;
  #wake = (): void => {};

  constructor(options: WorkerOptions) {
    this.#options = options;
    this.name = options.name ?? `${hostname()}-${process.pid}`;
    this.#client = connectGrpc(options.coordinator, options.access);
  }

  async serve(): Promise<void> {
    let retryMs = RETRY_MS;
    try {
      while (!this.#closing) {
        this.#joined = false;
        const error = await this.#joinOnce();
        this.#drop();
        if (this.#closing) return;
        if (error !== undefined && isRefusal(error)) throw refused(error, this.#client);
        if (this.#joined) retryMs = RETRY_MS;
        this.#log(`worker ${this.name}: ${this.#missing(error)}, trying again`);
        await this.#sleep(retryMs);
        retryMs = Math.min(retryMs * 2, LONGEST_RETRY_MS);
      }
    } finally {
      this.#drop();
      this.#client.close();
    }
  }

  async close(): Promise<void> {
    this.#closing = true;
    const thread = this.#federate?.thread;
    if (thread !== undefined && !thread.ended) {
      thread.stop();
      await Promise.race([this.#lastWord, this.#sleep(CLOSE_MS)]);
    }
    this.#stream?.end();
    this.#wake();
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
    const { threads = 1 } = this.#options;
    this.#send({
      case: 'hello',
      value: {
        protocolVersion: PROTOCOL_VERSION,
        name: this.name,
        threads,
        memoryBytes: BigInt(totalmem()),
        kinds: ['software'],
        host: hostname(),
        pid: process.pid,
        softwareVersion: VERSION,
      },
    });
  }

  #receive({ body }: ToFederate): void {
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
      case 'start':
        if (body.value.runId === this.#federate?.runId) this.#federate.thread.start();
        return;
      case 'stop':
        if (body.value.runId === this.#federate?.runId) this.#federate.thread.stop();
        return;
      case 'checkpoint':
        if (body.value.runId === this.#federate?.runId) this.#save(this.#federate.thread, body.value);
        return;
      case 'peerRestarted': {
        const { runId, peer, peerIncarnation, fromNs } = body.value;
        if (runId !== this.#federate?.runId) return;
        this.#federate.thread.restarted(peer, peerIncarnation, Number(fromNs));
        return;
      }
      case 'durable':
        if (body.value.runId === this.#federate?.runId) {
          this.#federate.thread.durable(Number(body.value.untilNs));
        }
        return;
      default:
    }
  }

  #save(thread: ThreadFederate, { request, what }: Checkpoint): void {
    this.#saveRequests =
      what.case === 'atStep'
        ? { asked: request, decided: request, atStep: Number(what.value) }
        : { ...this.#saveRequests, asked: request };
    thread.save(this.#saveRequests);
  }

  #assign(message: Assign): void {
    const { runId } = message;
    this.#drop();
    let spoken = (): void => {};
    this.#lastWord = new Promise((resolve) => {
      spoken = resolve;
    });
    try {
      const { assignment, transport, snapshots } = assignFromMessage(message);
      const { creditNs, creditBytes } = transport;
      const link = { kind: 'nats' as const, nats: this.#nats(transport), creditNs, creditBytes };
      const listener: FederateListener = {
        report: (report) => {
          this.#send(reportToBody(runId, report));
          if (report.kind === 'done' || report.kind === 'failed') spoken();
        },
        // Pongs say that this process lives.
        heard: () => {},
        lost: (reason) => {
          const message = `worker ${this.name}: ${reason}`;
          this.#send({ case: 'failed', value: { runId, code: 'FEDERATE_LOST', message, exitStatus: 1 } });
        },
      };
      const kernels = kernelsFor(assignment.graph, assignment.plan);
      const thread = new ThreadFederate(this.name, link, listener, kernels);
      this.#federate = { runId, thread };
      this.#saveRequests = NO_REQUESTS;
      thread.assign(assignment, snapshots);
      this.#log(`worker ${this.name}: run ${runId}, federate ${assignment.federate}`);
    } catch (error) {
      this.#send({ case: 'failed', value: { runId, ...describeError(error) } });
    }
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
  #drop(): void {
    this.#federate?.thread.kill();
    this.#federate = undefined;
  }

  #send(body: Body): void {
    if (this.#stream?.writable) this.#stream.write(create(FromFederateSchema, { body }));
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

function openJoin(client: grpc.Client) {
  return callBiDi(client, Federation.method.join);
}

/** The coordinator doesn't want this worker, and won't the next time either. */
function isRefusal(error: grpc.ServiceError): boolean {
  return [
    grpc.status.FAILED_PRECONDITION,
    grpc.status.UNAUTHENTICATED,
    grpc.status.PERMISSION_DENIED,
  ].includes(error.code);
}

function refused(error: grpc.ServiceError, client: grpc.Client): NilError {
  return new InputError('JOIN_REFUSED', fromStatus(error, client).message, { cause: error });
}
