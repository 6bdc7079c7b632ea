import type { BoundVariable } from '../../../graph/synapses/bind.js';
import type { Arena } from '../arena.js';

const FIRST_CAPACITY = 16;

/**
 * The last spikes of each target neuron: stamps, and the target's variables right after each. Spike number k of neuron n is at n · capacity + (k mod capacity).
 */
export class Rings {
  /** A power of two. */
  capacity: number;
  /** By neuron: spikes so far, and number of the first that is still needed. */
  readonly heads: Uint32Array;
  readonly kept: Uint32Array;
  stamps: Uint32Array;
  values: readonly Float64Array[];

  /** @param steps How far back spikes may be needed at least: a neuron has at most one a step */
  constructor(
    private readonly arena: Arena,
    private readonly size: number,
    variables: readonly BoundVariable[],
    steps: number,
  ) {
    this.capacity = FIRST_CAPACITY;
    while (this.capacity < Math.min(steps, 64)) this.capacity *= 2;
    this.heads = arena.u32(size);
    this.kept = arena.u32(size);
    this.stamps = arena.u32(size * this.capacity);
    this.values = variables.map(() => arena.f64(size * this.capacity));
  }

  get bytes(): number {
    const rings = this.size * this.capacity * (4 + 8 * this.values.length);
    return rings + this.heads.byteLength + this.kept.byteLength;
  }

  isFull(neuron: number): boolean {
    return this.heads[neuron] - this.kept[neuron] >= this.capacity;
  }

  placeOf(neuron: number, spike: number): number {
    return neuron * this.capacity + (spike & (this.capacity - 1));
  }

  /** Gives up what is before the last spike stamped at or before `stamp`. */
  forget(stamp: number): void {
    for (let n = 0; n < this.size; n++) {
      const head = this.heads[n];
      let first = this.kept[n];
      while (first + 1 < head && this.stamps[this.placeOf(n, first + 1)] <= stamp) first++;
      this.kept[n] = first;
    }
  }

  /** Twice the room. */
  grow(): void {
    const { capacity, stamps, values, size, heads, kept } = this;
    const wider = this.arena.u32(2 * size * capacity);
    const columns = values.map(() => this.arena.f64(2 * size * capacity));
    for (let n = 0; n < size; n++) {
      for (let k = kept[n]; k < heads[n]; k++) {
        const from = this.placeOf(n, k);
        const to = n * 2 * capacity + (k & (2 * capacity - 1));
        wider[to] = stamps[from];
        columns.forEach((column, v) => {
          column[to] = values[v][from];
        });
      }
    }
    this.capacity = 2 * capacity;
    this.stamps = wider;
    this.values = columns;
  }
}
