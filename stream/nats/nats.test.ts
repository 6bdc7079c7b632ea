import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { connect, type NatsConnection } from '@nats-io/transport-node';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { startTestNatsServer } from '../../test/nats-server.js';
import { batch, dtNs, exchange, expectAll, plan } from '../../test/stream-exchange.js';
import { encodeBatch, runId } from '../codec/index.js';
import type { DatagramHook } from '../reliable/index.js';
import { findNatsServer, type NatsServer, openNatsEndpoint, startNatsServer } from './index.js';
import { subject } from './subjects.js';

let server: NatsServer;
const connections: NatsConnection[] = [];
let runs = 0;

beforeAll(async () => {
  server = await startTestNatsServer();
});
afterAll(async () => {
  await server.stop();
});
afterEach(async () => {
  await Promise.all(connections.splice(0).map((c) => c.close()));
});

async function connection(): Promise<NatsConnection> {
  const made = await connect({ servers: server.url });
  connections.push(made);
  return made;
}

interface Options {
  readonly hook?: DatagramHook;
  readonly creditNs?: number;
  readonly creditBytes?: number;
  readonly probeMs?: number;
}

async function endpoints(p: ReturnType<typeof plan>, options: Options = {}) {
  const run = `run-${runs++}`;
  const made = await Promise.all(
    p.federates.map(async ({ index }) =>
      openNatsEndpoint({
        ...options,
        connection: await connection(),
        runId: run,
        plan: p,
        federate: index,
        incarnation: 1,
      }),
    ),
  );
  return { run, made };
}

function bytesOf(column: Uint32Array): Uint8Array {
  return new Uint8Array(column.buffer, column.byteOffset, column.byteLength);
}

describe('channels over a nats-server', () => {
  const circle = [
    [0, 1],
    [1, 2],
    [2, 0],
    [1, 0],
  ] as const;

  test('every batch arrives, in sequence, nothing repaired', async () => {
    const p = plan(circle, 1000);
    const { made } = await endpoints(p, { creditNs: 100 * dtNs });
    expectAll(await exchange(made, 1000, 10), p, 1000, 10);
    for (const channel of made.flatMap((e) => [...e.ins, ...e.outs])) {
      expect(channel.stats).toMatchObject({ batches: 100, repaired: 0, rejected: 0 });
    }
  });

  test('lost, repeated and reordered messages leave no trace in what arrives', async () => {
    const p = plan(circle, 1000);
    let n = 0;
    const late: (() => void)[] = [];
    const hook: DatagramHook = (d, forward) => {
      n++;
      if (n % 7 === 0) return;
      if (n % 11 === 0) {
        late.push(() => forward(d));
        return;
      }
      forward(d);
      if (n % 13 === 0) forward(d);
      if (n % 5 === 0) late.shift()?.();
    };
    const { made } = await endpoints(p, { hook, creditNs: 200 * dtNs, probeMs: 5 });
    expectAll(await exchange(made, 1000, 10), p, 1000, 10);
    const ins = made.flatMap((e) => e.ins);
    expect(ins.reduce((sum, c) => sum + c.stats.repaired, 0)).toBeGreaterThan(10);
    expect(ins.reduce((sum, c) => sum + c.stats.duplicates, 0)).toBeGreaterThan(5);
    expect(ins.every((c) => c.stats.rejected === 0)).toBe(true);
  });

  test('the last batch is repaired although nothing comes after it', async () => {
    const p = plan([[0, 1]], 50);
    let seen = 0;
    const hook: DatagramHook = (d, forward) => {
      if (d.kind !== 'batch' || ++seen !== 5) forward(d);
    };
    const { made } = await endpoints(p, { hook, probeMs: 10 });
    expectAll(await exchange(made, 50, 10), p, 50, 10);
    expect(made[1].ins[0].stats.repaired).toBe(1);
  });

  test("a batch over the server's largest message goes in parts", async () => {
    const p = plan([[0, 1]], 20);
    const { made } = await endpoints(p);
    const big = {
      ...batch(0, 1, 0, 20),
      spikes: {
        counts: Uint32Array.from({ length: 20 }, () => 50_000),
        neurons: Uint32Array.from({ length: 1_000_000 }, (_, i) => Math.floor((i % 50_000) / 1000)),
      },
    };
    made[0].outs[0].send(big);
    await made[0].close(10_000);
    const taken = made[1].ins[0].take();
    expect(taken?.spikes.counts).toEqual(big.spikes.counts);
    // Compared as bytes: element by element takes the test seconds.
    expect(Buffer.compare(bytesOf(taken!.spikes.neurons), bytesOf(big.spikes.neurons))).toBe(0);
  });

  test("strangers' batches are rejected and counted", async () => {
    const p = plan([[0, 1]], 100);
    const { run, made } = await endpoints(p);
    const stranger = await connection();
    const to = subject(run, 1, 0, 'batch');
    stranger.publish(to, encodeBatch(runId('other'), dtNs, batch(0, 1, 0, 5)));
    stranger.publish(to, encodeBatch(runId(run), dtNs, { ...batch(0, 1, 0, 5), incarnation: 9 }));
    stranger.publish(to, encodeBatch(runId(run), dtNs, { ...batch(0, 1, 5, 5), seq: 0 }));
    stranger.publish(to, encodeBatch(runId(run), dtNs, { ...batch(0, 1, 5, 5), seq: 2 ** 30 }));
    stranger.publish(to, Uint8Array.of(1, 2, 3));
    stranger.publish(subject(run, 1, 7, 'batch'), Uint8Array.of(1));
    stranger.publish(`nil.v1.${run}.1.0.nonsense`, Uint8Array.of(1));
    await stranger.flush();
    const into = made[1].ins[0];
    for (let i = 0; i < 500 && into.stats.rejected < 5; i++) await delay(10);
    expect(into.stats).toMatchObject({ rejected: 5, batches: 0 });
    expectAll(await exchange(made, 100, 5), p, 100, 5);
  });

  test('a connection that ends aborts its endpoint', async () => {
    const p = plan([[0, 1]], 100);
    const { made } = await endpoints(p);
    expect(made[0].aborted()).toBe(false);
    const waiting = made[0].mailbox.wait(60_000);
    await connections[0].close();
    await connections[1].close();
    await waiting;
    expect(made[0].aborted()).toBe(true);
  });
});

describe('nats-server of this machine', () => {
  test("is named by NIL_NATS_SERVER, or found on the PATH, or in the user's cache", () => {
    const folder = mkdtempSync(join(tmpdir(), 'nil-find-'));
    try {
      const cache = { XDG_CACHE_HOME: join(folder, 'cache') };
      const put = (...path: string[]): string => {
        const program = join(folder, ...path, 'nats-server');
        mkdirSync(join(folder, ...path), { recursive: true });
        writeFileSync(program, '', { mode: 0o755 });
        return program;
      };
      expect(() => findNatsServer({ NIL_NATS_SERVER: '/nowhere/nats-server' })).toThrow(/NIL_NATS_SERVER/);
      expect(findNatsServer({ PATH: '/nowhere', ...cache })).toBeUndefined();
      const cached = put('cache', 'nil-runtime', 'nats-server', 'bin');
      expect(findNatsServer({ PATH: '/nowhere', ...cache })).toBe(cached);
      const onPath = put('path');
      expect(findNatsServer({ PATH: `/nowhere:${folder}/path`, ...cache })).toBe(onPath);
      const named = put('named');
      expect(findNatsServer({ NIL_NATS_SERVER: named, PATH: `${folder}/path` })).toBe(named);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  test('that does not start is an error that says why', async () => {
    await expect(startNatsServer({ path: '/bin/false' })).rejects.toThrow(/did not start/);
  });
});
