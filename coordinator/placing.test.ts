/** Which worker gets which federate, by memory: with a coordinator and workers of this process, and no message bus. */
import { afterEach, describe, expect, it } from 'vitest';
import { balanced, settings } from '../test/integration/networks.js';
import { memoriesOf, partition, totalBytes } from './partition/index.js';
import type { RunController } from './run/controller.js';
import { startCoordinator } from './service.js';
import type { Coordinator } from './service-options.js';
import { startWorker, type WorkerProcess } from './worker.js';

const graph = {
  ...balanced(2000),
  populations: balanced(2000).populations.map((population, i) => ({
    ...population,
    placement: `worker-${i}`,
  })),
};
const run = settings(100);
const plan = partition(graph, run, { workers: 2 });
const [large, small] = memoriesOf(graph, plan, 1).map(totalBytes);

const workers: WorkerProcess[] = [];
let coordinator: Coordinator;

afterEach(async () => {
  await Promise.all(workers.splice(0).map((worker) => worker.close()));
  await coordinator.close();
});

async function joined(...memories: readonly number[]): Promise<void> {
  coordinator = await startCoordinator({ natsUrl: 'nats://127.0.0.1:9', port: 0 });
  for (const [i, memoryBytes] of memories.entries()) {
    workers.push(startWorker({ coordinator: coordinator.address, name: `w${i}`, memoryBytes }));
    await until(() => coordinator.nodes().length > i);
  }
}

async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await new Promise((resolve) => setTimeout(resolve, 5));
}

const places = ({ model }: RunController): readonly string[] => model.federates.map(({ worker }) => worker);

describe('a coordinator', () => {
  it('gives the federates that need most to workers that have it', async () => {
    expect(large).toBeGreaterThan(small);
    await joined(small, large);
    expect(places(coordinator.submit(graph, run, { workers: 2 }))).toEqual(['w1', 'w0']);
  });

  it('keeps to their order where all have enough', async () => {
    await joined(large, 2 * large);
    expect(places(coordinator.submit(graph, run, { workers: 2 }))).toEqual(['w0', 'w1']);
  });

  it('refuses a run that they are too small for, by name, before anything is built', async () => {
    await joined(small, large - 1);
    const { model } = coordinator.submit(graph, run, { workers: 2 });
    expect(model.state).toBe('failed');
    expect(model.failure).toMatchObject({
      code: 'MEMORY_EXCEEDED',
      message: expect.stringMatching(
        /^federate worker-0: needs about .* MiB \(.*\), expected at most .* MiB of worker w1 \(--memory\)/,
      ),
    });
    expect(coordinator.nodes().map(({ runId }) => runId)).toEqual(['', '']);
  });
});
