import { type Graph, type Plan, RunError } from '../../graph/index.js';
import { inspectPlan } from './inspect.js';
import { totalBytes } from './memory.js';

/**
 * Refuses a partition that a place has no memory for, by name, before the system ends the process that would hold it.
 * @throws RunError MEMORY_EXCEEDED
 */
export function checkMemory(
  graph: Graph,
  plan: Plan,
  federate: number,
  place: { readonly worker: string; readonly memoryBytes: number },
): void {
  const { name, memory } = inspectPlan(graph, plan).federates[federate];
  const needed = totalBytes(memory);
  if (needed <= place.memoryBytes) return;
  const { neurons, synapses, buffers, retained } = memory;
  const parts = `neurons ${mib(neurons)}, synapses ${mib(synapses)}, buffers ${mib(buffers)}, retained batches ${mib(retained)}`;
  throw new RunError(
    'MEMORY_EXCEEDED',
    `federate ${name}: needs about ${mib(needed)} (${parts}), expected at most ${mib(place.memoryBytes)} of worker ${place.worker} (--memory): use more workers`,
  );
}

const mib = (bytes: number): string => `${(bytes / 2 ** 20).toFixed(1)} MiB`;
