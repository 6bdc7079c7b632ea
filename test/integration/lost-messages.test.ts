/** Whole runs over a NATS that loses messages, and one where strangers publish: the same spikes, and the summary says what happened. */
import { connect, type NatsConnection } from '@nats-io/transport-node';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { runTogether } from '../../coordinator/index.js';
import { partition } from '../../coordinator/partition/index.js';
import { type Summary, summaryOf } from '../../coordinator/results/index.js';
import type { Batch } from '../../stream/batch.js';
import { decodeBatch, encodeBatch, runId } from '../../stream/codec/index.js';
import { type NatsServer, openNatsEndpoint } from '../../stream/nats/index.js';
import type { DatagramHook } from '../../stream/reliable/index.js';
import { startTestNatsServer } from '../nats-server.js';
import { balanced, settings } from './networks.js';

const graph = balanced();
const run = settings(100);
const plan = partition(graph, run, { workers: 3 });

let server: NatsServer;
let alone: Summary;
const connections: NatsConnection[] = [];

beforeAll(async () => {
  server = await startTestNatsServer();
  alone = summaryOf(await runTogether(graph, partition(graph, run, { workers: 1 })));
  expect(alone.spikeCount).toBeGreaterThan(1000);
});
afterEach(async () => {
  await Promise.all(connections.splice(0).map((connection) => connection.close()));
});
afterAll(() => server.stop());

/** @param hookOf Of federate `index`: stands between what it publishes and the server. */
async function runOver(hookOf: (index: number, run: string) => DatagramHook): Promise<Summary> {
  const result = await runTogether(graph, plan, {
    transport: 'nats',
    openEndpoint: async (index, id) => {
      const connection = await connect({ servers: server.url });
      connections.push(connection);
      const hook = hookOf(index, id);
      return openNatsEndpoint({
        connection,
        runId: id,
        plan,
        federate: index,
        incarnation: 1,
        probeMs: 5,
        hook,
      });
    },
  });
  return summaryOf(result);
}

const encode = (id: string, batch: Batch): Uint8Array => encodeBatch(runId(id), run.dtNs, batch);

const sum = (summary: Summary, field: 'repaired' | 'rejected'): number =>
  summary.channels.reduce((total, channel) => total + channel[field], 0);

describe('a run over NATS', () => {
  it('repairs a single batch that was lost', async () => {
    let lost = 0;
    const summary = await runOver((index) => (datagram, forward) => {
      const drop = index === 1 && datagram.kind === 'batch' && lost === 0;
      if (drop) lost++;
      else forward(datagram);
    });
    expect(lost).toBe(1);
    expect(summary).toMatchObject({ state: 'done', digest: alone.digest });
    expect(sum(summary, 'repaired')).toBeGreaterThan(0);
    expect(sum(summary, 'rejected')).toBe(0);
  });

  it('repairs what is lost, repeated and overtaken again and again, of every kind', async () => {
    const lost = new Map<string, number>();
    let n = 0;
    const summary = await runOver(() => {
      const late: (() => void)[] = [];
      return (datagram, forward) => {
        n++;
        if (n % 7 === 0) {
          lost.set(datagram.kind, (lost.get(datagram.kind) ?? 0) + 1);
          return;
        }
        if (n % 11 === 0) {
          late.push(() => forward(datagram));
          return;
        }
        forward(datagram);
        if (n % 13 === 0) forward(datagram);
        if (n % 5 === 0) late.shift()?.();
      };
    });
    expect(lost.get('batch')).toBeGreaterThan(5);
    expect(summary).toMatchObject({ state: 'done', digest: alone.digest });
    expect(sum(summary, 'repaired')).toBeGreaterThan(5);
    expect(sum(summary, 'rejected')).toBe(0);
  });

  const wrong: readonly (readonly [string, (batch: Batch, run: string) => Uint8Array])[] = [
    ['of another run', (batch) => encode('another', batch)],
    ['of another incarnation', (batch, id) => encode(id, { ...batch, incarnation: 2 })],
    ['with a sequence number far ahead', (batch, id) => encode(id, { ...batch, seq: 2 ** 40 })],
    [
      'with a window that does not follow',
      (batch, id) =>
        encode(id, { ...batch, beginNs: batch.beginNs + run.dtNs, endNs: batch.endNs + run.dtNs }),
    ],
    [
      'with a window beyond the end',
      (batch, id) => encode(id, { ...batch, beginNs: batch.beginNs + 1e12, endNs: batch.endNs + 1e12 }),
    ],
    [
      'of a neuron that the channel has not',
      (batch, id) => {
        const counts = new Uint32Array(batch.spikes.counts.length);
        counts[0] = 1;
        return encode(id, { ...batch, spikes: { counts, neurons: Uint32Array.of(4_000_000) } });
      },
    ],
    ['cut short', (batch, id) => encode(id, batch).subarray(0, 40)],
  ];

  it.each(wrong)('rejects and counts a batch %s', async (_, make) => {
    let n = 0;
    let injected = 0;
    const summary = await runOver((index, id) => (datagram, forward) => {
      // Every fifth true batch has a false one before it.
      if (index === 0 && datagram.to === 1 && datagram.kind === 'batch' && n++ % 5 === 4) {
        injected++;
        forward({ ...datagram, bytes: make(decodeBatch(datagram.bytes).batch, id) });
      }
      forward(datagram);
    });
    expect(injected).toBeGreaterThan(3);
    expect(summary).toMatchObject({ state: 'done', digest: alone.digest });
    const { from, to } = plan.channels[0];
    expect([from, to]).toEqual([0, 1]);
    expect(summary.channels[0].rejected).toBe(injected);
    expect(sum(summary, 'rejected')).toBe(injected);
  });
});
