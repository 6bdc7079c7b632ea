/** A software worker that is killed in a run with an adapter: it goes on from what was kept, and the adapter is asked for nothing twice. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { type NatsRunOptions, runEmbedded, runOverNats } from '../../coordinator/index.js';
import { placedOf } from '../../coordinator/replay/index.js';
import { type RunResult, summaryOf } from '../../coordinator/results/index.js';
import { openFileStore } from '../../coordinator/store/index.js';
import type { Graph } from '../../graph/index.js';
import { loop } from './loop.js';

const settings = { dtNs: 1e5, durationNs: 300e6, seed: 3 };
const folder = mkdtempSync(join(tmpdir(), 'nil-beside-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** Runs over NATS, and kills process `victim` once the run is so far, and a checkpoint of `writtenNs` or later is there. */
async function disturbed(graph: Graph, options: NatsRunOptions, victim: number, writtenNs = 0) {
  let pids: readonly number[] = [];
  let killed = 0;
  let newestNs = 0;
  const { saving } = options;
  const result = await runOverNats(graph, settings, {
    ...options,
    ...(saving === undefined
      ? {}
      : {
          saving: {
            ...saving,
            onWritten: (atNs) => {
              newestNs = atNs;
            },
          },
        }),
    onWorkers: (own) => {
      pids = own;
    },
    onProgress: ({ clockNs, state }) => {
      // When all are past a checkpoint, it is the one to go on from.
      if (killed > 0 || state !== 'running' || clockNs < Math.max(30e6, writtenNs + 30e6)) return;
      if (newestNs < writtenNs) return;
      killed = pids[victim];
      process.kill(killed, 'SIGKILL');
    },
  });
  expect(killed).toBeGreaterThan(0);
  return result;
}

/** Every spike that the adapter emitted is in the log, once. */
function checkLog(result: RunResult): void {
  const { federates, recoveries } = summaryOf(result);
  expect(result.outcome.failure).toBeUndefined();
  expect(recoveries?.map(({ federate }) => federate)).toEqual(['worker-0']);
  const board = federates.find(({ name }) => name === 'board')?.adapter;
  const logged = result.logs?.[2].reduce((sum, { spikes }) => sum + spikes.neurons.length, 0);
  expect(logged).toBe(board?.eventsOut);
  expect(logged).toBeGreaterThan(100);
}

/** The software part is what the board's log makes of it. */
async function checkReplay(result: RunResult): Promise<void> {
  const log = {
    runId: '',
    graph: result.graph,
    settings,
    plan: result.plan,
    logs: new Map([['board', result.logs?.[2] ?? []]]),
  };
  const again = await runEmbedded(result.graph, settings, { placed: placedOf(log), replay: log.logs });
  expect(summaryOf(again).digest).toBe(summaryOf(result).digest);
}

/** A store of its own, and a checkpoint at each 50 ms. */
async function withCheckpoints<T>(
  name: string,
  run: (saving: NonNullable<NatsRunOptions['saving']>) => Promise<T>,
): Promise<T> {
  const store = await openFileStore(join(folder, name));
  try {
    return await run({ store, everyNs: 50e6 });
  } finally {
    await store.close();
  }
}

describe('a worker killed beside an adapter, after a checkpoint', () => {
  it('goes on from there, with the spikes of an undisturbed run', async () => {
    const undisturbed = await runEmbedded(loop(), settings, { workers: 2 });
    const graph = loop({ config: { nap_ms: 3 } });
    const result = await withCheckpoints('on-demand', (saving) =>
      disturbed(graph, { workers: 2, saving }, 0, 50e6),
    );
    checkLog(result);
    expect(summaryOf(result).recoveries?.[0].fromNs).toBeGreaterThanOrEqual(50e6);
    expect(result.checkpoints).toMatchObject({ failed: 0 });
    expect(summaryOf(result).digest).toBe(summaryOf(undisturbed).digest);
  });

  it('goes on from there beside a board that waits for nobody: the same software part as from its log', async () => {
    const result = await withCheckpoints('real-time', (saving) =>
      disturbed(loop(), { workers: 2, pace: { speed: 0.2 }, saving }, 0, 50e6),
    );
    checkLog(result);
    expect(summaryOf(result).recoveries?.[0].fromNs).toBeGreaterThanOrEqual(50e6);
    await checkReplay(result);
  });
});

describe('a worker killed beside an adapter', () => {
  it('is recovered, with the spikes of an undisturbed run', async () => {
    const undisturbed = await runEmbedded(loop(), settings, { workers: 2 });
    // Slow enough to be caught in the middle.
    const result = await disturbed(loop({ config: { nap_ms: 3 } }), { workers: 2 }, 0);
    checkLog(result);
    expect(summaryOf(result).digest).toBe(summaryOf(undisturbed).digest);
  });

  it('is recovered beside a board that waits for nobody: the same software part as from its log', async () => {
    const graph = loop();
    const result = await disturbed(graph, { workers: 2, pace: { speed: 0.2 } }, 0);
    checkLog(result);
    await checkReplay(result);
  });

  it('a killed adapter ends the run: there is nothing to restore it to', async () => {
    const result = await disturbed(loop(), { workers: 1, pace: { speed: 0.2 } }, 1);
    expect(result.outcome).toMatchObject({
      state: 'failed',
      failure: { message: expect.stringMatching(/federate board .*an adapter is never restored/) },
    });
  });
});
