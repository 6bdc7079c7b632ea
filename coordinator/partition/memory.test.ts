import { describe, expect, it } from 'vitest';
import { buildEngine } from '../../nodes/index.js';
import { balanced, settings } from '../../test/integration/networks.js';
import { checkMachine, checkMemory } from './fit.js';
import { bytesTogether, inspectPlan, partition, renderInspection, totalBytes } from './index.js';

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
    expect(text).toMatch(/federate +neurons +synapses +buffers +retained +runtime +memory in all/);
    expect(text).toMatch(/memory in all: .* MB embedded, .* MB as 2 workers/);
  });

  it.each(['stdp_synapse', 'stdp_nn_restr_synapse'])('counts what synapses of %s keep', (model) => {
    const synapse = { model, params: { Wmax: 1 } };
    const projections = graph.projections.map((own) => (own.weight === 0.5 ? { ...own, synapse } : own));
    const learning = { ...graph, projections };
    const alone = partition(learning, settings(10_000), { workers: 1 });
    const [{ memory }] = inspectPlan(learning, alone).federates;
    const { synapseBytes } = buildEngine({ graph: learning, plan: alone, federate: 0 }).facts;
    expect(memory.synapses).toBeGreaterThan(0.8 * synapseBytes);
    expect(memory.synapses).toBeLessThan(1.25 * synapseBytes);
  });

  it('is refused where there is less, by name', () => {
    const needed = totalBytes(first.memory);
    const place = (memoryBytes: number) => ({ worker: 'rack-3', memoryBytes });
    expect(() => checkMemory(graph, plan, 0, 1, place(needed))).not.toThrow();
    expect(() => checkMemory(graph, plan, 0, 1, place(needed - 1))).toThrow(
      expect.objectContaining({
        code: 'MEMORY_EXCEEDED',
        message: expect.stringMatching(
          /^federate worker-0: needs about .* MiB \(neurons .*synapses .*buffers .*retained batches .*, Node.js .*\), expected at most .* MiB of worker rack-3 \(--memory\)/,
        ),
      }),
    );
  });

  it('counts Node.js once for all that a process holds, and what it holds', () => {
    const { runtime } = first.memory;
    const two = bytesTogether([first.memory, first.memory]);
    expect(two).toBeLessThan(2 * totalBytes(first.memory));
    expect(two).toBeGreaterThan(2 * totalBytes(first.memory) - runtime);
    const place = { worker: 'w', memoryBytes: two, others: [first.memory] };
    expect(() => checkMemory(graph, plan, 0, 1, place)).not.toThrow();
    const less = { ...place, memoryBytes: two - 1 };
    expect(() => checkMemory(graph, plan, 0, 1, less)).toThrow(
      /of worker w \(--memory\) beside the .* MiB of what it holds/,
    );
    expect(totalBytes(inspectPlan(graph, plan, 10, 3).federates[0].memory)).toBeGreaterThan(
      totalBytes(first.memory),
    );
  });

  it('is refused as a whole where a machine has less, by what needs most', () => {
    const { embeddedBytes, workersBytes } = inspectPlan(graph, plan);
    expect(embeddedBytes).toBeLessThan(workersBytes);
    const check = (bytes: number, processes: boolean) => (): void =>
      checkMachine(graph, plan, 1, { bytes, said: 'what this machine has', processes });
    expect(check(embeddedBytes, false)).not.toThrow();
    expect(check(workersBytes, true)).not.toThrow();
    expect(check(embeddedBytes, true)).toThrow();
    expect(check(embeddedBytes - 1, false)).toThrow(
      /^the run needs about .* MiB \(most of it federate worker-0: neurons .*\), expected at most .* MiB \(what this machine has\): use more machines/,
    );
  });
});
