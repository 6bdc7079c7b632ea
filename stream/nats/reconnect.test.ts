import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { startTestNatsServer } from '../../test/nats-server.js';
import { exchange, expectAll, plan } from '../../test/stream-exchange.js';
import type { Endpoint } from '../channel.js';
import {
  connectLasting,
  findNatsServer,
  type NatsServer,
  openNatsEndpoint,
  startNatsServer,
} from './index.js';

const folder = mkdtempSync(join(tmpdir(), 'nil-reconnect-'));
const children: ChildProcess[] = [];
const servers: NatsServer[] = [];

/** Installs a server where there is none. */
beforeAll(async () => (await startTestNatsServer()).stop());
afterEach(async () => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  for (const server of servers.splice(0)) await server.stop();
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const STEPS = 6000;
const circle = plan(
  [
    [0, 1],
    [1, 2],
    [2, 0],
    [1, 0],
  ],
  STEPS,
);

async function freePorts(count: number): Promise<number[]> {
  const probes = await Promise.all(
    Array.from(
      { length: count },
      () =>
        new Promise<ReturnType<typeof createServer>>((resolve) => {
          const probe = createServer().listen(0, '127.0.0.1', () => resolve(probe));
        }),
    ),
  );
  const ports = probes.map((probe) => (probe.address() as { readonly port: number }).port);
  await Promise.all(probes.map((probe) => new Promise((resolve) => probe.close(resolve))));
  return ports;
}

/** Federates of a circle, each with a connection to the servers, that exchange while something happens to those. */
async function exchanged(urls: readonly string[], disturb: (sent: () => number) => Promise<void>) {
  const connections = await Promise.all(
    circle.federates.map(({ index }) =>
      connectLasting({ url: urls[index % urls.length] }, `f${index}`, 5000),
    ),
  );
  const endpoints: Endpoint[] = await Promise.all(
    circle.federates.map(({ index }) =>
      openNatsEndpoint({
        connection: connections[index],
        runId: 'reconnect',
        plan: circle,
        federate: index,
        incarnation: 1,
        creditNs: 64_000,
        probeMs: 20,
      }),
    ),
  );
  const sent = (): number => endpoints[0].outs[0].stats.batches;
  const [got] = await Promise.all([exchange(endpoints, STEPS, 4), disturb(sent)]);
  expectAll(got, circle, STEPS, 4);
  const stats = endpoints.flatMap(({ ins }) => ins.map((channel) => channel.stats));
  await Promise.all(connections.map((connection) => connection.close()));
  return stats;
}

describe('channels outlive the server that carries them', () => {
  test('a server that is killed and started again on the same port, twice', async () => {
    const [port] = await freePorts(1);
    let server = await startNatsServer({ port });
    servers.push(server);
    const stats = await exchanged([server.url], async (sent) => {
      for (const at of [200, 800]) {
        while (sent() < at) await delay(2);
        process.kill(server.pid as number, 'SIGKILL');
        await server.stop();
        await delay(300);
        expect(sent()).toBeLessThan(STEPS / 4);
        server = await startNatsServer({ port });
        servers.push(server);
      }
    });
    expect(stats.reduce((sum, { rejected }) => sum + rejected, 0)).toBe(0);
  }, 30_000);

  test('a cluster of three that loses the one that a federate is connected to', async () => {
    const clients = await freePorts(3);
    const routes = await freePorts(3);
    const path = findNatsServer() as string;
    const peers = routes.map((port) => `nats://127.0.0.1:${port}`).join(',');
    const nodes = clients.map((port, i) => {
      const cluster = [
        '--cluster_name',
        'nil',
        '--cluster',
        `nats://127.0.0.1:${routes[i]}`,
        '--routes',
        peers,
      ];
      const args = ['--addr', '127.0.0.1', '--port', String(port), '--server_name', `n${i}`, ...cluster];
      const node = spawn(path, args, { stdio: 'ignore' });
      children.push(node);
      return node;
    });
    const urls = clients.map((port) => `nats://127.0.0.1:${port}`);
    // Until each has routes to the others, what one takes doesn't reach those who hear another.
    await Promise.all(urls.map(async (url) => (await connectLasting({ url }, 'is there', 10_000)).close()));
    await delay(500);
    await exchanged(urls, async (sent) => {
      while (sent() < 200) await delay(2);
      nodes[1].kill('SIGKILL');
    });
  }, 30_000);
});
