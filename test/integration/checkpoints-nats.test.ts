/** Checkpoints of runs over NATS: of one command, and of a coordinator that is asked for them, ends, and goes on with a run. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { checkpointSteps, loadCheckpoint } from '../../coordinator/checkpoint/index.js';
import {
  type Client,
  connectClient,
  runEmbedded,
  runOverNats,
  startCoordinator,
  startWorker,
} from '../../coordinator/index.js';
import { digestSpikes, type RunResult } from '../../coordinator/results/index.js';
import { openFileStore, openStores, type Store, type Stores } from '../../coordinator/store/index.js';
import type { NatsServer } from '../../stream/nats/index.js';
import { digestStates } from '../determinism/driver.js';
import { startTestNatsServer } from '../nats-server.js';
import { balanced, settings } from './networks.js';

const folder = mkdtempSync(join(tmpdir(), 'nil-checkpoints-nats-'));
/** With delays of 15 steps, so that messages take less than computing. */
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
let server: NatsServer;
beforeAll(async () => {
  const config = join(folder, 'server.conf');
  writeFileSync(config, `jetstream { store_dir: ${JSON.stringify(join(folder, 'jetstream'))} }\n`);
  server = await startTestNatsServer({ config });
});
afterAll(async () => {
  await server.stop();
  rmSync(folder, { recursive: true });
});

function facts(result: RunResult): unknown {
  return {
    outcome: result.outcome,
    spikes: digestSpikes(result.spikes, result.settings.dtNs),
    states: digestStates(result.states),
    events: result.federates.reduce((sum, { synapticEvents }) => sum + synapticEvents, 0),
  };
}

describe('a run over NATS', () => {
  it('goes on embedded, and an embedded one over NATS', async () => {
    const run = settings(400);
    const expected = await runEmbedded(graph, run, { workers: 2 });
    const store = await openFileStore(join(folder, 'store'));
    const abort = new AbortController();
    const onWritten = (atNs: number): void => {
      if (atNs >= 60e6) abort.abort();
    };
    const first = await runOverNats(graph, run, {
      workers: 2,
      natsUrl: server.url,
      signal: abort.signal,
      saving: { store, everyNs: 20e6, onWritten },
    });
    expect(first.outcome.state).toBe('stopped');
    expect(first.checkpoints?.newestNs).toBeGreaterThanOrEqual(60e6);
    const resumed = await loadCheckpoint(store);
    expect(facts(await runEmbedded(graph, run, { workers: 3, resumed }))).toEqual(facts(expected));
    const over = await runOverNats(graph, run, { workers: 3, threads: 2, natsUrl: server.url, resumed });
    expect(facts(over)).toEqual(facts(expected));
    await store.close();
  });
});

describe.each([
  ['in a folder', () => openStores(join(folder, 'stores'), undefined)],
  ['on NATS', () => openStores('nats', { url: server.url })],
])('a coordinator that keeps checkpoints %s', (_, open) => {
  let stores: Stores;
  beforeAll(async () => {
    stores = await open();
  });
  afterAll(() => stores.close());

  /** A coordinator with so many workers, for as long as `use` takes. */
  async function coordinated<T>(workers: number, use: (client: Client) => Promise<T>): Promise<T> {
    const coordinator = await startCoordinator({ natsUrl: server.url, port: 0, stores });
    const joined = Array.from({ length: workers }, (_each, i) =>
      startWorker({ coordinator: coordinator.address, name: `w${i}`, threads: 2 }),
    );
    const client = connectClient(coordinator.address);
    try {
      return await use(client);
    } finally {
      client.close();
      for (const worker of joined) await worker.close();
      await coordinator.close();
    }
  }

  /** As soon as the coordinator has closed it. */
  async function opened(id: string): Promise<Store> {
    for (;;) {
      try {
        return await stores.open(id);
      } catch (error) {
        expect(error).toMatchObject({ code: 'STORE_BUSY' });
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
    }
  }

  const until = async (
    client: Client,
    runId: string,
    reached: (clockNs: number) => boolean,
  ): Promise<void> => {
    for await (const { clockNs, state } of client.watch(runId)) {
      if (state === 'running' && reached(clockNs)) return;
      expect(['pending', 'assigned', 'ready', 'running']).toContain(state);
    }
  };

  it('saves when it is asked to, and goes on with the run after it was started again', async () => {
    // Long enough not to be done before it is asked.
    const run = settings(20_000);
    const short = { ...run, durationNs: 400e6 };
    const expected = await runEmbedded(graph, short);
    const runId = await coordinated(2, async (client) => {
      const id = await client.submit(graph, run, { workers: 2 });
      await until(client, id, (clockNs) => clockNs > 20e6);
      const { atNs } = await client.checkpoint(id.slice(0, 8));
      expect(atNs).toBeGreaterThan(20e6);
      await expect(client.resume(id)).rejects.toMatchObject({ code: 'RUN_NOT_OVER', exitStatus: 1 });
      await client.stop(id);
      await expect(client.checkpoint(id)).rejects.toMatchObject({ code: 'CHECKPOINT_FAILED' });
      return id;
    });
    // Another coordinator: what the first one knew is gone.
    await coordinated(3, async (client) => {
      await expect(client.resume('nothing')).rejects.toMatchObject({ code: 'RUN_UNKNOWN', exitStatus: 2 });
      await expect(client.resume(runId, { atNs: 1e5 })).rejects.toMatchObject({ code: 'CHECKPOINT_MISSING' });
      const id = await client.resume(runId.slice(0, 8), { workers: 3 });
      expect(id).toBe(runId);
      const { runs } = await client.status(id);
      expect(runs[0].startNs).toBeGreaterThan(20e6);
      await until(client, id, (clockNs) => clockNs > runs[0].startNs + 20e6);
      await client.stop(id);
      const result = await client.results(id);
      expect(result.resumedFromNs).toBe(runs[0].startNs);
      // Its beginning is the short run's.
      const reached = Math.min(result.outcome.reachedNs, short.durationNs) / run.dtNs;
      const until400 = (spikes: RunResult['spikes']) =>
        digestSpikes(
          spikes.map((own) => {
            const kept = own.steps.filter((step) => step < reached).length;
            return { ...own, steps: own.steps.slice(0, kept), neurons: own.neurons.slice(0, kept) };
          }),
          run.dtNs,
        );
      expect(until400(result.spikes)).toBe(until400(expected.spikes));
    });
  });

  it('forgets a run that is done when its results were fetched', async () => {
    const run = settings(300);
    const expected = await runEmbedded(graph, run);
    const before = await stores.list();
    await coordinated(2, async (client) => {
      const id = await client.submit(graph, run, { workers: 2, checkpointEveryNs: 50e6 });
      for await (const { state } of client.watch(id)) if (state === 'done') break;
      const kept = await opened(id);
      const steps = await checkpointSteps(kept);
      // One may have been left out, where writing took longer than computing.
      expect(steps.length).toBeGreaterThanOrEqual(2);
      expect(steps.at(-1)).toBe(2500);
      await kept.close();
      // Of the whole run, also when it went on from the middle.
      const again = await client.resume(id, { atNs: steps[0] * run.dtNs });
      for await (const { state } of client.watch(again)) if (state === 'done') break;
      expect(facts(await client.results(again))).toEqual(facts(expected));
      while ((await stores.list()).length > before.length)
        await new Promise((resolve) => setTimeout(resolve, 5));
    });
    expect(await stores.list()).toEqual(before);
  });
});

describe('a coordinator without a place for checkpoints', () => {
  it('says so', async () => {
    const coordinator = await startCoordinator({ natsUrl: server.url, port: 0 });
    const client = connectClient(coordinator.address);
    const off = { code: 'CHECKPOINTS_OFF', message: expect.stringContaining('nil coordinator --store') };
    try {
      const every = { checkpointEveryWallMs: 1000 };
      await expect(client.submit(graph, settings(10), every)).rejects.toMatchObject(off);
      await expect(client.resume('x')).rejects.toMatchObject(off);
      const id = await client.submit(graph, settings(10));
      await expect(client.checkpoint(id)).rejects.toMatchObject({ code: 'CHECKPOINTS_OFF' });
    } finally {
      client.close();
      await coordinator.close();
    }
  });
});
