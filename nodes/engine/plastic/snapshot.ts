import { RunError } from '../../../graph/errors.js';
import type { Slice } from '../../../graph/plan.js';
import type { SynapseColumns } from '../../connect/index.js';
import type { PlasticMemory } from './memory.js';

/**
 * What learned synapses are at the end of a step, by projection and target neuron, in the order that the rule expands to: of no division of the graph. All
 * spikes of the targets are taken in as far as they can be (`PlasticMemory.caught`).
 */
export interface PlasticPart extends Slice {
  /** Place in the graph's projections; the slice is of its target's neurons. */
  readonly projection: number;
  /** By target: its synapses. */
  readonly degrees: Uint32Array;
  /** By synapse: targets ascending, each target's as the rule expands. */
  readonly weights: Float64Array;
  readonly own: Readonly<Record<string, Float64Array>>;
  /** By target: how many of its last spikes follow; their stamps in steps, and the target's variables right after each. */
  readonly spikes: Uint32Array;
  readonly stamps: Uint32Array;
  readonly target: Readonly<Record<string, Float64Array>>;
  /**
   * By source and delay: stamp of the last spike that has acted, and the source's variables right after it. The same for all parts: only the one
   * that begins at 0 has it.
   */
  readonly last: Uint32Array | undefined;
  readonly source: Readonly<Record<string, Float64Array>>;
}

interface Filling {
  readonly projection: number;
  readonly memory: PlasticMemory;
  readonly columns: SynapseColumns;
  readonly places: Uint32Array;
  readonly step: number;
}

/** @throws RunError SNAPSHOT_INVALID where something is missing or doesn't fit */
export function fillPlastic(filling: Filling, parts: readonly PlasticPart[]): void {
  const { projection, memory, step } = filling;
  const own = parts.filter((part) => part.projection === projection);
  fillSources(filling, own);
  let found = 0;
  for (const part of own) found += fillTargets(filling, part);
  if (found !== memory.size)
    throw invalid(projection, `synapses of ${found} targets, expected ${memory.size}`);
  memory.caught[0] = step;
}

function fillSources({ projection, memory }: Filling, parts: readonly PlasticPart[]): void {
  const first = parts.find(({ last }) => last !== undefined);
  if (first?.last?.length !== memory.last.length) throw invalid(projection, 'no state of its sources');
  memory.last.set(first.last);
  memory.program.source.forEach(({ name }, v) => {
    memory.source[v].set(columnOf(projection, first.source, name, memory.last.length));
  });
}

function fillTargets({ projection, memory, columns, places }: Filling, part: PlasticPart): number {
  const { program, rings, own, weights } = memory;
  const begin = Math.max(part.begin, memory.begin);
  const end = Math.min(part.end, memory.begin + memory.size);
  if (begin >= end) return 0;
  const savedOwn = program.own.map(({ name }) => columnOf(projection, part.own, name, part.weights.length));
  const savedTarget = program.target.map(({ name }) =>
    columnOf(projection, part.target, name, part.stamps.length),
  );
  let synapse = sum(part.degrees, begin - part.begin);
  let spike = sum(part.spikes, begin - part.begin);
  let i = columns.targets.findIndex((target) => target >= begin);
  for (let target = begin; target < end; target++) {
    for (const last = synapse + part.degrees[target - part.begin]; synapse < last; synapse++, i++) {
      if (columns.targets[i] !== target)
        throw invalid(projection, `another number of synapses of neuron ${target}`);
      weights[places[i]] = part.weights[synapse];
      own.forEach((column, v) => {
        column[places[i]] = savedOwn[v][synapse];
      });
    }
    if (i >= 0 && columns.targets[i] === target)
      throw invalid(projection, `too few synapses of neuron ${target}`);
    const n = target - memory.begin;
    const count = part.spikes[target - part.begin];
    while (rings.capacity <= count) rings.grow();
    rings.kept[n] = 0;
    rings.heads[n] = count;
    for (let k = 0; k < count; k++, spike++) {
      const place = rings.placeOf(n, k);
      rings.stamps[place] = part.stamps[spike];
      savedTarget.forEach((column, v) => {
        rings.values[v][place] = column[spike];
      });
    }
  }
  return end - begin;
}

function columnOf(
  projection: number,
  saved: Readonly<Record<string, Float64Array>>,
  name: string,
  length: number,
): Float64Array {
  const column = Object.hasOwn(saved, name) ? saved[name] : undefined;
  if (column?.length !== length) throw invalid(projection, `no ${name}`);
  return column;
}

function sum(counts: Uint32Array, end: number): number {
  return counts.subarray(0, end).reduce((total, count) => total + count, 0);
}

function invalid(projection: number, found: string): RunError {
  return new RunError(
    'SNAPSHOT_INVALID',
    `projection ${projection}: found ${found} in the snapshots, expected all that its synapses learned`,
  );
}

/** Only what the owner of targets [begin, end) needs; what is of the sources goes to everybody. */
export function restrictPart(part: PlasticPart, begin: number, end: number): PlasticPart | undefined {
  const from = Math.max(part.begin, begin);
  const to = Math.min(part.end, end);
  if (from >= to && part.last === undefined) return undefined;
  const first = Math.min(Math.max(from - part.begin, 0), part.end - part.begin);
  const last = Math.max(first, Math.min(to, part.end) - part.begin);
  const [synapses, synapsesEnd] = [sum(part.degrees, first), sum(part.degrees, last)];
  const [spikes, spikesEnd] = [sum(part.spikes, first), sum(part.spikes, last)];
  const cut = (columns: Readonly<Record<string, Float64Array>>, a: number, b: number) =>
    Object.fromEntries(Object.entries(columns).map(([name, column]) => [name, column.slice(a, b)]));
  return {
    ...part,
    begin: part.begin + first,
    end: part.begin + last,
    degrees: part.degrees.slice(first, last),
    weights: part.weights.slice(synapses, synapsesEnd),
    own: cut(part.own, synapses, synapsesEnd),
    spikes: part.spikes.slice(first, last),
    stamps: part.stamps.slice(spikes, spikesEnd),
    target: cut(part.target, spikes, spikesEnd),
  };
}
