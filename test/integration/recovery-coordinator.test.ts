/** Coordinators that are killed and come back, workers that are stopped, wake up, or leave: the same spikes, each once. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { type Client, connectClient, type RunStatus, runEmbedded } from '../../coordinator/index.js';
import { digestSpikes, type RunResult, summaryOf } from '../../coordinator/results/index.js';
import type { NatsServer } from '../../stream/nats/index.js';
import { digestStates } from '../determinism/driver.js';
import { startTestNatsServer } from '../nats-server.js';
import { balanced, settings } from './networks.js';
import { endAll, freePort, type NilProcess, startNil } from './processes.js';

const folder = mkdtempSync(join(tmpdir(), 'nil-recovery-'));
const graph = {
  ...balanced(),
  recordings: [
    { kind: 'spikes' as const, population: 'exc' },
    { kind: 'spikes' as const, population: 'inh' },
    {
      kind: 'state' as const,
      population: 'exc',
      variables: ['V_m'],
      range: { begin: 60, end: 100 },
      everyNs: 1e6,
    },
  ],
};
// Long enough to be under way when something is done to it, also on a fast machine: its status comes four times a second.
const run = settings(6000);
let expected: unknown;
let server: NatsServer;
let port: number;
let client: Client;

function facts(result: RunResult): unknown {
  return {
    outcome: result.outcome,
    spikes: digestSpikes(result.spikes, result.settings.dtNs),
    states: digestStates(result.states),
    events: result.federates.reduce((sum, { synapticEvents }) => sum + synapticEvents, 0),
  };
}

vi.setConfig({ testTimeout: 180_000 });
beforeAll(async () => {
  server = await startTestNatsServer();
  expected = facts(await runEmbedded(graph, run));
});
afterEach(async () => {
  client.close();
  await endAll();
});
afterAll(async () => {
  await server.stop();
  rmSync(folder, { recursive: true, force: true });
});

const startCoordinator = async (store: string, ...more: readonly string[]): Promise<NilProcess> => {
  const options = ['--nats', server.url, '--port', String(port), '--store', join(folder, store)];
  const coordinator = startNil('coordinator', ...options, ...more);
  await coordinator.says('listening on');
  return coordinator;
};

const startWorkers = (names: readonly string[]): NilProcess[] =>
  names.map((name) => startNil('worker', '--coordinator', `127.0.0.1:${port}`, '--name', name));

/** A coordinator with workers, and a client that waits for it when it is away. */
async function cluster(
  store: string,
  workers: readonly string[],
  ...more: readonly string[]
): Promise<{ readonly coordinator: NilProcess; readonly workers: NilProcess[] }> {
  port = await freePort();
  const coordinator = await startCoordinator(store, ...more);
  client = connectClient(`127.0.0.1:${port}`, {}, { firstMs: 5000, laterMs: 20_000 });
  return { coordinator, workers: startWorkers(workers) };
}

/** Follows a run to its end; tells once when all federates are running and the clock is there. */
async function follow(
  runId: string,
  events: readonly {
    /** Biological time; with `afterLoss`, not before somebody was lost and replaced. */
    readonly atMs: number;
    readonly afterLoss?: true;
    readonly act: () => unknown;
  }[],
): Promise<RunStatus> {
  let next = 0;
  let last: RunStatus | undefined;
  for await (const status of client.watch(runId)) {
    last = status;
    const whole = status.federates.length > 0 && status.federates.every(({ state }) => state === 'running');
    const event = events[next];
    const early = event?.afterLoss === true && status.recoveries.length === 0;
    if (event !== undefined && whole && !early && status.clockNs >= event.atMs * 1e6) {
      next++;
      await event.act();
    }
  }
  expect(next).toBe(events.length);
  return last as RunStatus;
}

describe('a coordinator that is killed', () => {
  it('takes its run up again, and a run that is over still has its results', async () => {
    const { coordinator } = await cluster('killed', ['a', 'b'], '--deadline', '60s');
    const runId = await client.submit(graph, run, { workers: 2, checkpointEveryNs: 200e6 });
    let again: NilProcess | undefined;
    const status = await follow(runId, [
      {
        atMs: 700,
        act: async () => {
          coordinator.child.kill('SIGKILL');
          await coordinator.exited;
          // The run goes on meanwhile.
          await new Promise((resolve) => setTimeout(resolve, 500));
          again = await startCoordinator('killed', '--deadline', '60s');
        },
      },
    ]);
    expect(status.state).toBe('done');
    expect(status.recoveries).toEqual([]);
    expect(status.federates.map(({ incarnation }) => incarnation)).toEqual([1, 1]);
    again?.child.kill('SIGKILL');
    await again?.exited;
    await startCoordinator('killed');
    expect((await client.status(runId)).runs[0].state).toBe('done');
    expect(facts(await client.results(runId.slice(0, 8)))).toEqual(expected);
  });

  it('takes what does not come back with it for lost', async () => {
    const { coordinator, workers } = await cluster('both', ['a', 'b'], '--deadline', '3s');
    const runId = await client.submit(graph, run, { workers: 2, checkpointEveryNs: 200e6 });
    const status = await follow(runId, [
      {
        atMs: 700,
        act: async () => {
          coordinator.child.kill('SIGKILL');
          workers[1].child.kill('SIGKILL');
          await coordinator.exited;
          await startCoordinator('both', '--deadline', '3s');
        },
      },
    ]);
    expect(status.recoveries.map(({ worker }) => worker)).toContain('a');
    expect(facts(await client.results(runId))).toEqual(expected);
  });
});

describe('a worker', () => {
  it('that is stopped is lost, and nobody when it wakes up', async () => {
    const { workers } = await cluster(
      'zombie',
      ['a', 'b', 'spare'],
      '--deadline',
      '1s',
      '--heartbeat',
      '200ms',
    );
    const runId = await client.submit(graph, run, { workers: 2, checkpointEveryNs: 200e6 });
    const held = new Map(['a', 'b', 'spare'].map((name, i) => [name, workers[i]]));
    const zombie = (): NilProcess | undefined => held.get(name);
    let name = '';
    const status = await follow(runId, [
      {
        atMs: 600,
        act: async () => {
          const { runs } = await client.status(runId);
          name = runs[0].federates[0].worker;
          zombie()?.child.kill('SIGSTOP');
        },
      },
      { atMs: 900, afterLoss: true, act: () => zombie()?.child.kill('SIGCONT') },
    ]);
    expect(status.recoveries[0]).toMatchObject({ reason: expect.stringContaining('silent') });
    expect(facts(await client.results(runId))).toEqual(expected);
    // It is free again.
    while ((await client.status()).workersFree < 3) await new Promise((resolve) => setTimeout(resolve, 20));
  });

  it('that is asked to end hands over first, from where it is', async () => {
    const { workers } = await cluster('leaving', ['a', 'b'], '--deadline', '60s');
    const runId = await client.submit(graph, run, { workers: 2, checkpointEveryNs: 1e12 });
    let exit: Promise<number | null> | undefined;
    const status = await follow(runId, [
      {
        atMs: 700,
        act: () => {
          workers[0].child.kill('SIGTERM');
          exit = workers[0].exited;
        },
      },
    ]);
    expect(await exit).toBe(0);
    expect(status.recoveries).toMatchObject([{ reason: expect.stringContaining('worker a leaves') }]);
    expect(status.recoveries[0].fromNs).toBeGreaterThan(700e6);
    const result = await client.results(runId);
    expect(facts(result)).toEqual(expected);
    expect(summaryOf(result).recoveries).toHaveLength(1);
  });
});
