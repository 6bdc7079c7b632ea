import { RunError } from '../../../graph/errors.js';
import type { SynapseColumns } from '../../connect/index.js';
import type { SpikeHistory } from '../history.js';
import { type PlasticKernel, type SpikeTaker, spikeTaker } from './interpret.js';
import { memoryBytes, type PlasticMemory, placesOf } from './memory.js';
import { fillPlastic, type PlasticPart } from './snapshot.js';

/** Catching up more often than this costs more than room for more spikes. */
const SELDOM_STEPS = 5000;
const LARGEST_CAPACITY = 2 ** 16;

/** One synapse as a recorder sees it. */
export interface SynapseWeight {
  readonly source: number;
  readonly target: number;
  readonly delaySteps: number;
  readonly weight: number;
}

/** Synapses that change of one projection into a part of a block. */
export class PlasticGroup {
  readonly #history: SpikeHistory;
  readonly #kernel: PlasticKernel;
  readonly #take: SpikeTaker;
  /** Expands the group's synapses again: their order isn't kept. */
  readonly #expand: () => SynapseColumns;

  constructor(
    /** Places in the graph's projections, and of its target in the populations. */
    readonly projection: number,
    readonly population: number,
    readonly memory: PlasticMemory,
    kernel: PlasticKernel,
    history: SpikeHistory,
    expand: () => SynapseColumns,
  ) {
    this.#kernel = kernel;
    this.#history = history;
    this.#take = spikeTaker(memory);
    this.#expand = expand;
  }

  get synapses(): number {
    return this.memory.weights.length;
  }

  get bytes(): number {
    return memoryBytes(this.memory);
  }

  /** All that acts in `step`; returns the number of synaptic events. */
  pull(step: number): number {
    const { bins, firstDelay } = this.memory;
    let events = 0;
    for (let bin = 0; bin < bins; bin++) {
      const emitted = step - firstDelay - bin;
      if (emitted < 0) break;
      const { neurons, count } = this.#history.at(emitted);
      if (count > 0) events += this.#kernel.pull(bin, neurons, count, step);
    }
    return events;
  }

  /** Weights that have just acted in `step`, by source as they spiked: what a recorder of events sees. */
  acted(step: number, see: (synapse: SynapseWeight) => void): void {
    const { bins, firstDelay, firstSource, rows, cells, targets, weights, begin } = this.memory;
    for (let bin = 0; bin < bins; bin++) {
      const delaySteps = firstDelay + bin;
      if (delaySteps > step) break;
      const { neurons, count } = this.#history.at(step - delaySteps);
      for (let s = 0; s < count; s++) {
        const source = neurons[s] - firstSource;
        if (source < 0 || source >= rows) continue;
        const cell = source * bins + bin;
        for (let i = cells[cell]; i < cells[cell + 1]; i++) {
          see({ source, target: begin + targets[i], delaySteps, weight: weights[i] });
        }
      }
    }
  }

  /** Neurons of the target population that spiked in `step`, ascending, less `shift`. */
  spiked(step: number, neurons: Uint32Array, count: number, shift: number): void {
    const { rings, begin, size, program } = this.memory;
    if (!program.learns) return;
    for (let i = 0; i < count; i++) {
      const neuron = neurons[i] + shift - begin;
      if (neuron < 0 || neuron >= size) continue;
      if (rings.isFull(neuron)) this.#makeRoom(step + 1, neuron);
      this.#take(neuron, step + 1);
    }
  }

  /** Takes in the targets' spikes as far as can be said before `step`. When that happens makes no difference to any weight that acts. */
  catchUp(step: number): void {
    const { caught, rings, firstDelay, bins, program } = this.memory;
    if (!program.learns || step <= caught[0]) return;
    this.#kernel.catchUp(step);
    caught[0] = step;
    rings.forget(Math.max(0, step - 2 * (firstDelay + bins - 1)));
  }

  #makeRoom(step: number, neuron: number): void {
    const { rings, caught, program } = this.memory;
    const seldom = step - caught[0] >= SELDOM_STEPS || rings.capacity >= LARGEST_CAPACITY;
    if (seldom) this.catchUp(step);
    if (!rings.isFull(neuron)) return;
    if (rings.capacity >= 2 ** 24) throw new RunError('ENGINE_MEMORY', `${program.model}: too many spikes`);
    rings.grow();
  }

  /** Every synapse with its weight at the beginning of `step`, in order of (target, as the rule expands). */
  weights(step: number, see: (synapse: SynapseWeight) => void): void {
    this.catchUp(step);
    const { columns, places } = this.#expanded();
    const { delaySteps: delays, sources, targets } = columns;
    for (let i = 0; i < places.length; i++) {
      const delaySteps = typeof delays === 'number' ? delays : delays[i];
      see({ source: sources[i], target: targets[i], delaySteps, weight: this.memory.weights[places[i]] });
    }
  }

  /** What it is at the beginning of `step`, said without its division into groups. */
  snapshot(step: number): PlasticPart {
    this.catchUp(step);
    const { columns, places } = this.#expanded();
    const { memory } = this;
    const { begin, size, program, rings } = memory;
    const degrees = new Uint32Array(size);
    for (const target of columns.targets) degrees[target - begin]++;
    const ordered = (column: Float64Array): Float64Array =>
      Float64Array.from(places, (place) => column[place]);
    const spikes = Uint32Array.from(rings.heads, (head, n) => head - rings.kept[n]);
    const kept: number[] = [];
    for (let n = 0; n < size; n++) {
      for (let k = rings.kept[n]; k < rings.heads[n]; k++) kept.push(rings.placeOf(n, k));
    }
    return {
      projection: this.projection,
      population: this.population,
      begin,
      end: begin + size,
      degrees,
      weights: ordered(memory.weights),
      own: named(program.own, memory.own.map(ordered)),
      spikes,
      stamps: Uint32Array.from(kept, (place) => rings.stamps[place]),
      target: named(
        program.target,
        rings.values.map((values) => Float64Array.from(kept, (place) => values[place])),
      ),
      // Everybody's are the same: one tells.
      last: begin === 0 ? memory.last.slice() : undefined,
      source:
        begin === 0
          ? named(
              program.source,
              memory.source.map((column) => column.slice()),
            )
          : {},
    };
  }

  /** @throws RunError SNAPSHOT_INVALID where something is missing */
  restore(parts: readonly PlasticPart[], step: number): void {
    const { columns, places } = this.#expanded();
    fillPlastic({ projection: this.projection, memory: this.memory, columns, places, step }, parts);
  }

  /** Its synapses in order of (target, as the rule expands), and where each is. */
  #expanded(): { readonly columns: SynapseColumns; readonly places: Uint32Array } {
    const columns = this.#expand();
    return { columns, places: placesOf(columns, this.memory, new Uint32Array(this.memory.cells.length)) };
  }
}

function named(
  variables: readonly { readonly name: string }[],
  columns: readonly Float64Array[],
): Readonly<Record<string, Float64Array>> {
  return Object.fromEntries(variables.map(({ name }, i) => [name, columns[i]]));
}
