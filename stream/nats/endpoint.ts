import type { NatsConnection } from '@nats-io/nats-core';
import { NilError } from '../../graph/errors.js';
import type { Plan } from '../../graph/plan.js';
import type { Endpoint } from '../channel.js';
import { runId } from '../codec/index.js';
import {
  createReliableEndpoint,
  type Datagram,
  type DatagramHook,
  type DatagramKind,
  type RetentionOptions,
} from '../reliable/index.js';
import { ownSubjects, parseSubject, subject } from './subjects.js';

export interface NatsEndpointOptions {
  /** Stays the caller's: it is not closed here. Its end aborts the endpoint. */
  readonly connection: NatsConnection;
  /** A subject token: letters, digits, `-` and `_`. */
  readonly runId: string;
  readonly plan: Plan;
  readonly federate: number;
  /** Of this federate's partition. */
  readonly incarnation: number;
  /** Of each federate; without it, all have this one's. */
  readonly incarnations?: readonly number[];
  /** Where its channels begin, when it takes a lost one's place; the plan's `startNs` when undefined. */
  readonly startNs?: number;
  /** Others may be started again: what was sent is kept, and the endpoint goes on after `close`, as long as its connection. */
  readonly retention?: RetentionOptions;
  /** The same for all federates of a run: receivers reject what goes beyond it. */
  readonly creditNs?: number;
  readonly creditBytes?: number;
  readonly probeMs?: number;
  /** For tests: loses, repeats or delays what is published. */
  readonly hook?: DatagramHook;
}

/** After `close`, questions of peers that missed the last acknowledgement are still answered for this long. */
const LINGER_MS = 5000;

/**
 * Opens a federate's end of all its channels over NATS core, with sequence numbers, acknowledgements and repair of its own: core delivers
 * at most once. Resolves when the server has the subscription, so that nothing sent afterwards is missed.
 */
export async function openNatsEndpoint(options: NatsEndpointOptions): Promise<Endpoint> {
  const { connection, hook, federate } = options;
  const run = runId(options.runId);
  const maxBytes = connection.info?.max_payload;
  if (maxBytes === undefined) throw new NilError('NATS_NOT_CONNECTED', 'NATS: no connection to a server');
  const subjects = new Map<string, string>();
  const subjectFor = (to: number, from: number, kind: DatagramKind): string => {
    const key = `${to} ${kind}`;
    const known = subjects.get(key);
    if (known !== undefined) return known;
    const made = subject(run.text, to, from, kind);
    subjects.set(key, made);
    return made;
  };
  let isConnected = true;
  const publish = ({ to, from, kind, bytes }: Datagram): void => {
    // While there is no server the client would keep it all in memory; what is lost here is asked for again later.
    if (isConnected && !connection.isClosed()) connection.publish(subjectFor(to, from, kind), bytes);
  };
  const endpoint = createReliableEndpoint({
    ...options,
    run,
    carrier: { maxBytes, publish: hook === undefined ? publish : (datagram) => hook(datagram, publish) },
  });

  const parsed = new Map<string, ReturnType<typeof parseSubject>>();
  const subscription = connection.subscribe(ownSubjects(run.text, federate), {
    callback: (error, message) => {
      if (error !== null && error !== undefined) return endpoint.abort();
      const text = message.subject;
      let source = parsed.get(text);
      if (source === undefined) {
        source = parseSubject(text);
        if (source === undefined || source.from >= options.plan.federates.length) return;
        parsed.set(text, source);
      }
      endpoint.receive({ to: federate, from: source.from, kind: source.kind, bytes: message.data });
    },
  });
  void connection.closed().then(() => endpoint.abort());
  void watch(connection, (connected) => {
    isConnected = connected;
    if (connected) endpoint.reconnected();
  });
  await connection.flush();
  return {
    ...endpoint,
    async close(timeoutMs) {
      await endpoint.close(timeoutMs);
      if (connection.isClosed()) return;
      await connection.flush();
      if (options.retention !== undefined) return;
      setTimeout(() => subscription.unsubscribe(), LINGER_MS).unref();
    },
  };
}

/** Tells when the connection loses its server, and when it has one again (the client subscribes anew by itself). */
async function watch(connection: NatsConnection, tell: (connected: boolean) => void): Promise<void> {
  for await (const { type } of connection.status()) {
    if (type === 'disconnect') tell(false);
    else if (type === 'reconnect') tell(true);
  }
}
