/** Two federates without engines: what channels carry, and how fast. */
import { connect, type NatsConnection } from '@nats-io/transport-node';
import type { Plan } from '../../graph/index.js';
import { type EmbeddedLinks, openEmbeddedEndpoint } from '../../stream/embedded/index.js';
import type { Batch, Endpoint } from '../../stream/index.js';
import { openNatsEndpoint } from '../../stream/nats/index.js';

export type Link =
  | { readonly kind: 'embedded'; readonly links: EmbeddedLinks }
  | { readonly kind: 'nats'; readonly url: string; readonly runId: string; readonly plan: Plan };

export interface Work {
  /** `flow`: federate 0 sends as fast as credit allows. `turns`: each sends when it has the other's batch. */
  readonly kind: 'flow' | 'turns';
  readonly windows: number;
  readonly windowSteps: number;
  /** In each batch. */
  readonly spikes: number;
}

export interface Exchanged {
  /** Milliseconds from the first batch to the last one. */
  readonly ms: number;
  /** Of the batches that came. */
  readonly bytes: number;
}

export const DT_NS = 100_000;
const LONG_MS = 1000;
const CLOSE_MS = 5000;

export function twoFederates(spikes: number): Plan {
  const neurons = Math.max(1, spikes);
  return {
    dtNs: DT_NS,
    durationNs: Number.MAX_SAFE_INTEGER,
    seed: 1,
    federates: [0, 1].map((index) => ({
      index,
      name: `f${index}`,
      slices: [{ population: index, begin: 0, end: neurons }],
    })),
    channels: [0, 1].map((from) => ({
      from,
      to: 1 - from,
      lookaheadNs: DT_NS,
      spikes: [{ population: from, begin: 0, end: neurons }],
      signals: [],
      graded: false,
    })),
  };
}

/** Window `k`: spikes spread evenly over its steps. */
export function batchOf(from: number, k: number, { windowSteps, spikes }: Work): Batch {
  const counts = Uint32Array.from(
    { length: windowSteps },
    (_, step) => Math.floor(((step + 1) * spikes) / windowSteps) - Math.floor((step * spikes) / windowSteps),
  );
  const neurons = new Uint32Array(spikes);
  let at = 0;
  for (const count of counts) for (let i = 0; i < count; i++) neurons[at++] = i * windowSteps;
  const windowNs = windowSteps * DT_NS;
  const beginNs = k * windowNs;
  return {
    from,
    to: 1 - from,
    incarnation: 1,
    seq: k,
    beginNs,
    endNs: beginNs + windowNs,
    spikes: { counts, neurons },
  };
}

export async function exchange(link: Link, federate: number, work: Work): Promise<Exchanged> {
  if (link.kind === 'embedded') return run(openEmbeddedEndpoint(link.links, federate), federate, work);
  const connection: NatsConnection = await connect({ servers: link.url });
  const { runId, plan } = link;
  try {
    return await run(
      await openNatsEndpoint({ connection, runId, plan, federate, incarnation: 1 }),
      federate,
      work,
    );
  } finally {
    await connection.close();
  }
}

async function run(endpoint: Endpoint, federate: number, work: Work): Promise<Exchanged> {
  const { windows, windowSteps, kind } = work;
  const [into] = endpoint.ins;
  const [out] = endpoint.outs;
  const windowNs = windowSteps * DT_NS;
  const template = batchOf(federate, 0, work);
  const mayGive = kind === 'turns' || federate === 0;
  const mayTake = kind === 'turns' || federate === 1;
  let given = mayGive ? 0 : windows;
  let taken = mayTake ? 0 : windows;
  let began = 0;
  while (given < windows || taken < windows) {
    let moved = false;
    for (let batch = into.take(); batch !== undefined; batch = into.take()) {
      if (taken++ === 0 && began === 0) began = performance.now();
      into.release(batch.endNs);
      moved = true;
    }
    const turn = kind === 'flow' || given < taken + (federate === 0 ? 1 : 0);
    if (given < windows && turn && (given + 1) * windowNs <= out.creditNs()) {
      if (began === 0) began = performance.now();
      out.send({ ...template, seq: given, beginNs: given * windowNs, endNs: (given + 1) * windowNs });
      given++;
      moved = true;
    }
    const wait = endpoint.mailbox.wait(moved ? 0 : LONG_MS);
    if (wait !== undefined) await wait;
  }
  const ms = performance.now() - began;
  await endpoint.close(CLOSE_MS);
  return { ms, bytes: into.stats.bytes };
}
