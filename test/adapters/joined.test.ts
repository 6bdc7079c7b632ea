/** An adapter that has joined a coordinator, as `nil adapter` does. */
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  connectClient,
  runEmbedded,
  startCoordinator,
  startWorker,
  type WorkerProcess,
} from '../../coordinator/index.js';
import { type RunResult, summaryOf } from '../../coordinator/results/index.js';
import type { Graph } from '../../graph/index.js';
import { startNatsServer } from '../../stream/nats/index.js';
import { ECHO, loop, SETTINGS } from './loop.js';

const undo: (() => Promise<unknown>)[] = [];
let address = '';

beforeAll(async () => {
  const nats = await startNatsServer();
  undo.push(() => nats.stop());
  const coordinator = await startCoordinator({ natsUrl: nats.url, port: 0 });
  undo.push(() => coordinator.close());
  address = coordinator.address;
  const constraints = { models: ['external'], neurons: 40, delaySteps: { min: 1, max: 15 } };
  const declaration = {
    kind: 'echo',
    direction: 'both',
    input: 'synaptic',
    timing: 'on-demand',
    constraints,
  } as const;
  const adapter = {
    name: 'Echo',
    version: '1.0.0',
    url: pathToFileURL(ECHO).href,
    declaration,
    config: { after: 3 },
  };
  const workers: WorkerProcess[] = [
    startWorker({ coordinator: address, name: 'soft' }),
    startWorker({ coordinator: address, name: 'bench-board', adapter }),
  ];
  for (const worker of workers) undo.push(() => worker.close());
}, 60_000);
afterAll(async () => {
  for (const step of undo.reverse()) await step();
});

async function submit(graph: Graph): Promise<RunResult> {
  const client = connectClient(address);
  try {
    const runId = await client.submit(graph, SETTINGS, { workers: 1 });
    for await (const _ of client.watch(runId));
    return await client.results(runId);
  } finally {
    client.close();
  }
}

describe('an adapter that has joined', () => {
  it('gets what is placed on its kind, with its own settings before those of the graph', async () => {
    const result = await submit(loop({ kind: 'echo', config: { after: 1 } }));
    expect(result.outcome.failure).toBeUndefined();
    const here = await runEmbedded(loop({ config: { after: 3 } }), SETTINGS);
    expect(summaryOf(result).digest).toBe(summaryOf(here).digest);
    const board = summaryOf(result).federates.find(({ name }) => name === 'board');
    expect(board).toMatchObject({ worker: 'bench-board', adapter: { kind: 'echo', dropped: 0 } });
    expect(result.logs?.[1].length).toBeGreaterThan(0);
  });

  it('is asked what it can hold', async () => {
    await expect(submit(loop({ kind: 'echo', size: 50 }))).rejects.toThrow(
      "populations.chip.size: adapter 'board' (echo) has the constraint neurons: found 50 neurons, expected at most 40",
    );
    await expect(submit(loop({ kind: 'echo', delay: '2 ms' }))).rejects.toThrow(
      'has the constraint delaySteps',
    );
  });

  it('is the only way: a graph over the wire names no modules, and no kinds that nobody is', async () => {
    await expect(submit(loop({ kind: ECHO }))).rejects.toThrow('adapters.board.kind: found the path');
    await expect(submit(loop({ kind: 'other' }))).rejects.toThrow("found no adapter of kind 'other'");
  });
});
