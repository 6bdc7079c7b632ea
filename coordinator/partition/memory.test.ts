import { describe, expect, it } from 'vitest';
import { balanced, settings } from '../../test/integration/networks.js';
import { checkMemory } from './fit.js';
import { inspectPlan, partition, renderInspection, totalBytes } from './index.js';

describe('what a federate takes of memory', () => {
  const graph = balanced(1000);
  const plan = partition(graph, settings(10_000), { workers: 2 });
  const [first] = inspectPlan(graph, plan).federates;

  it('is told by what it is for', () => {
    const { neurons, synapses, buffers, retained } = first.memory;
    expect(first.bytes).toBe(neurons + synapses);
    for (const part of [neurons, synapses, buffers, retained]) expect(part).toBeGreaterThan(0);
    expect(retained).toBeGreaterThan(buffers);
    const text = renderInspection(inspectPlan(graph, plan));
    expect(text).toMatch(/federate +neurons +synapses +buffers +retained +memory in all/);
  });

  it('is refused where there is less, by name', () => {
    const needed = totalBytes(first.memory);
    const place = (memoryBytes: number) => ({ worker: 'rack-3', memoryBytes });
    expect(() => checkMemory(graph, plan, 0, place(needed))).not.toThrow();
    expect(() => checkMemory(graph, plan, 0, place(needed - 1))).toThrow(
      expect.objectContaining({
        code: 'MEMORY_EXCEEDED',
        message: expect.stringMatching(
          /^federate worker-0: needs about .* MiB \(neurons .*synapses .*buffers .*retained batches .*\), expected at most .* MiB of worker rack-3 \(--memory\)/,
        ),
      }),
    );
  });
});
