import { type Graph, type Plan, RunError } from '../../graph/index.js';
import { inspectPlan } from './inspect.js';
import { bytesTogether, embeddedBytes, type FederateMemory, totalBytes } from './memory.js';

/** Somewhere that federates could be held. */
export interface MemoryPlace {
  readonly worker: string;
  readonly memoryBytes: number;
  /** What it holds already. */
  readonly others?: readonly FederateMemory[];
}

/** Of each federate. @param threads Of each */
export function memoriesOf(graph: Graph, plan: Plan, threads: number): FederateMemory[] {
  return inspectPlan(graph, plan, undefined, threads).federates.map(({ memory }) => memory);
}

export function fits(memory: FederateMemory, { memoryBytes, others = [] }: MemoryPlace): boolean {
  return bytesTogether([...others, memory]) <= memoryBytes;
}

/** Why a place can't hold a federate, for people. */
export function tooLarge(name: string, memory: FederateMemory, place: MemoryPlace): RunError {
  const { worker, memoryBytes, others = [] } = place;
  const beside = others.length === 0 ? '' : ` beside the ${mib(bytesTogether(others))} of what it holds`;
  return new RunError(
    'MEMORY_EXCEEDED',
    `federate ${name}: needs about ${mib(totalBytes(memory))} (${partsOf(memory)}), expected at most ${mib(memoryBytes)} of worker ${worker} (--memory)${beside}: use more workers`,
  );
}

/**
 * Refuses a partition that a place has no memory for, by name, before the system ends the process that would hold it.
 * @returns What it will take.
 * @throws RunError MEMORY_EXCEEDED
 */
export function checkMemory(
  graph: Graph,
  plan: Plan,
  federate: number,
  threads: number,
  place: MemoryPlace,
): FederateMemory {
  const memory = memoriesOf(graph, plan, threads)[federate];
  if (!fits(memory, place)) throw tooLarge(plan.federates[federate].name, memory, place);
  return memory;
}

/** A machine that everything is on. */
export interface WholeMachine {
  readonly bytes: number;
  /** Where that number comes from, for people. */
  readonly said: string;
  /** Federates are processes, not threads of one. */
  readonly processes: boolean;
}

/**
 * Refuses a run that this machine has no memory for, before anything of it is built.
 * @throws RunError MEMORY_EXCEEDED
 */
export function checkMachine(graph: Graph, plan: Plan, threads: number, machine: WholeMachine): void {
  const memories = memoriesOf(graph, plan, threads);
  const needed = machine.processes
    ? memories.reduce((sum, memory) => sum + totalBytes(memory), 0)
    : embeddedBytes(memories);
  if (needed <= machine.bytes) return;
  const largest = memories.reduce(
    (most, memory, i) => (totalBytes(memory) > totalBytes(memories[most]) ? i : most),
    0,
  );
  throw new RunError(
    'MEMORY_EXCEEDED',
    `the run needs about ${mib(needed)} (most of it federate ${plan.federates[largest].name}: ${partsOf(memories[largest])}), expected at most ${mib(machine.bytes)} (${machine.said}): use more machines (nil coordinator, nil worker)`,
  );
}

function partsOf({ neurons, synapses, buffers, retained, runtime }: FederateMemory): string {
  return `neurons ${mib(neurons)}, synapses ${mib(synapses)}, buffers ${mib(buffers)}, retained batches ${mib(retained)}, Node.js ${mib(runtime)}`;
}

const mib = (bytes: number): string => `${(bytes / 2 ** 20).toFixed(1)} MiB`;
