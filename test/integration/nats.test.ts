import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  connectClient,
  type RunStatus,
  runEmbedded,
  runOverNats,
  startCoordinator,
  startWorker,
  waitLines,
} from '../../coordinator/index.js';
import { digestSpikes, type RunResult } from '../../coordinator/results/index.js';
import type { NatsServer } from '../../stream/nats/index.js';
import { startTestNatsServer } from '../nats-server.js';
import { balanced, settings, splitPlan } from './networks.js';

const graph = balanced();
/** An hour of biological time: it won't be done by itself. */
const endless = settings(3_600_000);

const digest = (result: RunResult): string => digestSpikes(result.spikes, result.settings.dtNs);
const spikeCount = (result: RunResult): number =>
  result.spikes.reduce((sum, { steps }) => sum + steps.length, 0);

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

let server: NatsServer;
beforeAll(async () => {
  server = await startTestNatsServer();
});
afterAll(() => server.stop());

describe('runs over NATS on one machine', () => {
  it('give the spikes of an embedded run, and leave no process behind', async () => {
    const run = settings(100);
    const embedded = await runEmbedded(graph, run, { plan: splitPlan(graph, run, []) });
    let pids: readonly number[] = [];
    const result = await runOverNats(graph, run, {
      plan: splitPlan(graph, run, [0.3]),
      natsUrl: server.url,
      onWorkers: (started) => {
        pids = started;
      },
    });
    expect(result.outcome).toEqual({ state: 'done', reachedNs: run.durationNs });
    expect(digest(result)).toBe(digest(embedded));
    expect(result.channels.every(({ batches, bytes }) => batches > 0 && bytes > 0)).toBe(true);
    expect(pids).toHaveLength(2);
    expect(pids.filter(isAlive)).toEqual([]);
  });

  it('stop on request and keep what was recorded', async () => {
    const abort = new AbortController();
    const result = await runOverNats(graph, endless, {
      plan: splitPlan(graph, endless, [0.5]),
      natsUrl: server.url,
      signal: abort.signal,
      onProgress: ({ clockNs, spikes }) => {
        if (clockNs > 20e6 && spikes > 0) abort.abort();
      },
    });
    expect(result.outcome).toMatchObject({ state: 'stopped', stopReason: 'interrupted' });
    expect(spikeCount(result)).toBeGreaterThan(0);
  });

  it('name a federate that stops answering, and keep what was recorded', async () => {
    let pids: readonly number[] = [];
    const seen: RunStatus[] = [];
    let stopped = false;
    const result = await runOverNats(graph, endless, {
      plan: splitPlan(graph, endless, [0.5]),
      natsUrl: server.url,
      timeoutMs: 5000,
      recovery: false,
      onWorkers: (started) => {
        pids = started;
      },
      onProgress: (status) => {
        seen.push(status);
        if (stopped || status.spikes === 0) return;
        stopped = true;
        process.kill(pids[1], 'SIGSTOP');
      },
    });
    expect(result.outcome.state).toBe('failed');
    expect(result.outcome.failure?.code).toBe('FEDERATE_TIMEOUT');
    expect(result.outcome.failure?.message).toMatch(/federate part1 does not answer/);
    expect(spikeCount(result)).toBeGreaterThan(0);
    const blamed = seen.filter(({ state, culprits }) => state === 'running' && culprits.length > 0).at(-1)!;
    expect(blamed.detail).toMatch(/federate part1 does not answer .*part0 at .* ms waits for its promise/);
    expect(waitLines(blamed).join('\n')).toMatch(/part0 at .* ms waits for part1's promise/);
    expect(blamed.culprits).toEqual([1]);
    expect(pids.filter(isAlive)).toEqual([]);
  });

  it('fail at once when a worker dies that is not to be replaced, and name it', async () => {
    let pids: readonly number[] = [];
    const result = await runOverNats(graph, endless, {
      plan: splitPlan(graph, endless, [0.5]),
      natsUrl: server.url,
      recovery: false,
      onWorkers: (started) => {
        pids = started;
      },
      onProgress: ({ spikes, state }) => {
        if (spikes > 0 && state === 'running') process.kill(pids[0], 'SIGKILL');
      },
    });
    expect(result.outcome.failure?.code).toBe('FEDERATE_LOST');
    expect(result.outcome.failure?.message).toMatch(/federate part0 was lost at .* ms/);
    expect(spikeCount(result)).toBeGreaterThan(0);
    expect(pids.filter(isAlive)).toEqual([]);
  });

  it('fail when there is no server where one was promised', async () => {
    const run = settings(10);
    await expect(
      runOverNats(graph, run, { plan: splitPlan(graph, run, [0.5]), natsUrl: 'nats://127.0.0.1:1' }),
    ).rejects.toMatchObject({
      code: 'NATS_UNREACHABLE',
      message: expect.stringContaining('nats://127.0.0.1:1'),
    });
  });
});

describe('a coordinator', () => {
  it('runs what a client submits on workers that joined, and hands out the results', async () => {
    const coordinator = await startCoordinator({ natsUrl: server.url, port: 0 });
    const workers = ['a', 'b'].map((name) => startWorker({ coordinator: coordinator.address, name }));
    const client = connectClient(coordinator.address);
    try {
      const run = settings(50);
      const runId = await client.submit(graph, run, { workers: 2 });
      const states: string[] = [];
      for await (const status of client.watch(runId)) states.push(status.state);
      expect(states.at(-1)).toBe('done');
      expect((await client.nodes()).map(({ name, incarnation }) => [name, incarnation])).toEqual([
        ['a', 1],
        ['b', 1],
      ]);
      const result = await client.results(runId.slice(0, 8));
      const embedded = await runEmbedded(graph, run, { workers: 1 });
      expect(digest(result)).toBe(digest(embedded));
      expect(result.federates.map(({ worker }) => worker).sort()).toEqual(['a', 'b']);
      await expect(client.status('nonsense')).rejects.toThrow('run nonsense: no such run');
      await expect(
        client.submit({ ...graph, projections: [] }, run, { workers: 5000 }),
      ).rejects.toMatchObject({
        code: 'OPTION_INVALID',
        exitStatus: 2,
      });
    } finally {
      client.close();
      await Promise.all(workers.map((worker) => worker.close()));
      await coordinator.close();
    }
  });

  it('says what a run waits for when a worker was never started, and gives up after the timeout', async () => {
    const coordinator = await startCoordinator({ natsUrl: server.url, port: 0 });
    const worker = startWorker({ coordinator: coordinator.address, name: 'only' });
    const client = connectClient(coordinator.address);
    try {
      const run = coordinator.submit(graph, endless, {
        plan: splitPlan(graph, endless, [0.3, 0.6]),
        timeoutMs: 1500,
      });
      const { runId } = run.request;
      let detail = '';
      for await (const status of client.watch(runId)) {
        if (status.state === 'pending' && status.detail.includes('1 joined')) detail = status.detail;
        if (status.state === 'failed') {
          expect(status.errorCode).toBe('WORKERS_MISSING');
          expect(status.detail).toContain('still waits for 3 workers: 1 free (1 joined, 0 busy)');
        }
      }
      expect(detail).toBe('waits for 3 workers: 1 free (1 joined, 0 busy)');
      const result = await client.results(runId);
      expect(result.outcome).toMatchObject({ state: 'failed', reachedNs: 0 });
    } finally {
      client.close();
      await worker.close();
      await coordinator.close();
    }
  });

  it('stops a run for a client, and the worker is free for the next one', async () => {
    const coordinator = await startCoordinator({ natsUrl: server.url, port: 0 });
    const worker = startWorker({ coordinator: coordinator.address, name: 'only' });
    const client = connectClient(coordinator.address);
    try {
      const first = coordinator.submit(graph, endless, { plan: splitPlan(graph, endless, []) });
      await expect(client.results(first.request.runId)).rejects.toMatchObject({ code: 'RUN_NOT_OVER' });
      for await (const { spikes } of client.watch(first.request.runId)) if (spikes > 0) break;
      expect((await client.nodes())[0].runId).toBe(first.request.runId);
      expect(await client.stop(first.request.runId)).toMatchObject({
        state: 'stopped',
        detail: 'stopped by a client',
      });
      expect(spikeCount(await client.results(first.request.runId))).toBeGreaterThan(0);
      const run = settings(5);
      const second = coordinator.submit(graph, run, { plan: splitPlan(graph, run, []) });
      await second.over;
      expect(coordinator.status(second.request.runId)[0].state).toBe('done');
    } finally {
      client.close();
      await worker.close();
      await coordinator.close();
    }
  });

  it('gives the place of a worker to another one of its name', async () => {
    const coordinator = await startCoordinator({ natsUrl: server.url, port: 0 });
    const workers = [startWorker({ coordinator: coordinator.address, name: 'twin' })];
    const client = connectClient(coordinator.address);
    const until = async (incarnation: number): Promise<void> => {
      for (;;) {
        const [node] = await client.nodes();
        if (node?.incarnation === incarnation) return;
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
    };
    try {
      await until(1);
      workers.push(startWorker({ coordinator: coordinator.address, name: 'twin' }));
      await until(2);
      expect(await client.nodes()).toHaveLength(1);
    } finally {
      client.close();
      await Promise.all(workers.map((worker) => worker.close()));
      await coordinator.close();
    }
  });

  it('is named when it can not be reached', async () => {
    const client = connectClient('127.0.0.1:1');
    await expect(client.nodes()).rejects.toMatchObject({ code: 'COORDINATOR_UNREACHABLE' });
    client.close();
  });
});
