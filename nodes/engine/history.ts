import type { Arena } from './arena.js';

/**
 * The spikes of the last steps, as far as delays reach back, by step of emission, in compact source numbers. What comes over channels is
 * added when it is there, which is in time for every delay that it has.
 */
export class SpikeHistory {
  /** Steps that are kept. */
  readonly depth: number;
  /** For each kept step (step mod depth): address of its neurons, of its payloads, and how many; read by WASM. */
  readonly slots: Uint32Array;
  private readonly neurons: Uint32Array[];
  private readonly values: (Float32Array | undefined)[];

  constructor(
    private readonly arena: Arena,
    longestDelay: number,
    graded: boolean,
  ) {
    this.depth = longestDelay + 1;
    this.slots = arena.u32(this.depth * SLOT_WORDS);
    this.neurons = Array.from({ length: this.depth }, () => arena.u32(FIRST_CAPACITY));
    this.values = Array.from({ length: this.depth }, () => (graded ? arena.f32(FIRST_CAPACITY) : undefined));
    for (let slot = 0; slot < this.depth; slot++) this.describe(slot);
  }

  /** Forgets the step that falls out, to make room for `step`. */
  begin(step: number): void {
    this.slots[(step % this.depth) * SLOT_WORDS + COUNT] = 0;
  }

  /** Spikes [from, to) of a list, emitted in `step`; `shift` makes them compact source numbers. Returns how many the step had before. */
  add(
    step: number,
    list: Uint32Array,
    values: Float32Array | undefined,
    from: number,
    to: number,
    shift: number,
  ): number {
    const slot = step % this.depth;
    const count = this.slots[slot * SLOT_WORDS + COUNT];
    const after = count + to - from;
    if (after > this.neurons[slot].length) this.grow(slot, after);
    const neurons = this.neurons[slot];
    for (let i = from; i < to; i++) neurons[count + i - from] = list[i] + shift;
    const payloads = this.values[slot];
    if (payloads !== undefined) {
      if (values === undefined) payloads.fill(1, count, after);
      else payloads.set(values.subarray(from, to), count);
    }
    this.slots[slot * SLOT_WORDS + COUNT] = after;
    return count;
  }

  /** What was emitted in a step that is still kept. */
  at(step: number): {
    readonly neurons: Uint32Array;
    readonly values: Float32Array | undefined;
    readonly count: number;
  } {
    const slot = step % this.depth;
    const count = this.slots[slot * SLOT_WORDS + COUNT];
    return { neurons: this.neurons[slot], values: this.values[slot], count };
  }

  private grow(slot: number, needed: number): void {
    const capacity = Math.max(needed, this.neurons[slot].length * 2);
    const neurons = this.arena.u32(capacity);
    neurons.set(this.neurons[slot]);
    this.neurons[slot] = neurons;
    const before = this.values[slot];
    if (before !== undefined) {
      const values = this.arena.f32(capacity);
      values.set(before);
      this.values[slot] = values;
    }
    this.describe(slot);
  }

  private describe(slot: number): void {
    this.slots[slot * SLOT_WORDS] = this.neurons[slot].byteOffset;
    this.slots[slot * SLOT_WORDS + 1] = this.values[slot]?.byteOffset ?? 0;
  }
}

const SLOT_WORDS = 4;
const COUNT = 2;
const FIRST_CAPACITY = 64;
