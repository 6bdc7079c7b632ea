import { tmpdir } from 'node:os';
import type { NatsConnection } from '@nats-io/nats-core';
import type { Assignment } from '../../nodes/index.js';
import type { Endpoint } from '../../stream/channel.js';
import { openEmbeddedEndpoint } from '../../stream/embedded/index.js';
import { FileSpill } from './file-spill.js';
import type { ThreadLink } from './thread-protocol.js';

/** A federate's channels over whichever transport the run uses. */
export interface Link {
  /** Resolves when no more files are read for it. */
  readonly loaded: Promise<unknown>;
  open(): Promise<Endpoint>;
  /** After the endpoint was closed: answers peers that may have missed its last word, then lets the transport go. */
  end(): Promise<void>;
}

/** As long as the endpoint goes on answering after its close. */
const LINGER_MS = 5000;
/** A bus that is being started again is waited for where a run is to survive that. */
const CONNECT_MS = 20_000;

export function makeLink(link: ThreadLink, assignment: Assignment): Link {
  if (link.kind === 'embedded') {
    return {
      loaded: Promise.resolve(),
      open: async () => openEmbeddedEndpoint(link.links, assignment.federate),
      end: async () => {},
    };
  }
  // Not by every thread: one of an embedded run starts a tenth of a second earlier without.
  const loaded = import('../../stream/nats/index.js');
  let connection: NatsConnection | undefined;
  let spill: FileSpill | undefined;
  return {
    loaded,
    async open() {
      const { connectLasting, openNatsEndpoint } = await loaded;
      const { runId, plan, federate, incarnation, incarnations, startNs, retain = false } = assignment;
      const name = `nil ${runId} ${plan.federates[federate].name}`;
      connection = await connectLasting(link.nats, name, retain ? CONNECT_MS : 0);
      const { creditNs, creditBytes } = link;
      if (retain) spill = new FileSpill(link.spillDir ?? tmpdir());
      return openNatsEndpoint({
        connection,
        runId,
        plan,
        federate,
        incarnation,
        incarnations,
        startNs,
        retention: retain ? { memoryBytes: link.retainBytes, spill } : undefined,
        creditNs,
        creditBytes,
      });
    },
    async end() {
      if (connection === undefined || connection.isClosed()) return;
      await new Promise((resolve) => setTimeout(resolve, LINGER_MS));
      await connection.close();
      spill?.close();
    },
  };
}
