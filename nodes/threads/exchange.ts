import type { Emission } from '../engine/engine.js';

/** Where each thread of a process puts what it emitted, for the others to read; two halves, used in turn. */
export interface ExchangeLayout {
  readonly threads: number;
  readonly exchangeSteps: number;
  /** Neurons and signal neurons of each thread. */
  readonly neurons: readonly number[];
  readonly signals: readonly number[];
  readonly graded: boolean;
}

/** What is shared between the threads of a process; clonable to a thread. */
export interface ExchangeMemory {
  readonly layout: ExchangeLayout;
  readonly control: SharedArrayBuffer;
  readonly halves: readonly (readonly [SharedArrayBuffer, SharedArrayBuffer])[];
}

export interface ExchangeColumns {
  readonly counts: Uint32Array;
  readonly neurons: Uint32Array;
  readonly values: Float32Array | undefined;
  readonly signals: Float64Array;
}

export function makeExchange(layout: ExchangeLayout): ExchangeMemory {
  const half = (t: number): SharedArrayBuffer => {
    const events = layout.neurons[t] * layout.exchangeSteps;
    const values = layout.graded ? events : 0;
    const signals = layout.signals[t] * layout.exchangeSteps;
    return new SharedArrayBuffer(8 * signals + 4 * (layout.exchangeSteps + events + values));
  };
  return {
    layout,
    control: new SharedArrayBuffer(CONTROL_BYTES + 8 * layout.threads),
    halves: layout.neurons.map((_, t) => [half(t), half(t)]),
  };
}

export function columnsOf(memory: ExchangeMemory, thread: number, half: 0 | 1): ExchangeColumns {
  const { exchangeSteps: steps, neurons, signals, graded } = memory.layout;
  const buffer = memory.halves[thread][half];
  const events = neurons[thread] * steps;
  let at = 8 * signals[thread] * steps;
  const take = (length: number): number => {
    const offset = at;
    at += 4 * length;
    return offset;
  };
  return {
    signals: new Float64Array(buffer, 0, signals[thread] * steps),
    counts: new Uint32Array(buffer, take(steps), steps),
    neurons: new Uint32Array(buffer, take(events), events),
    values: graded ? new Float32Array(buffer, take(events), events) : undefined,
  };
}

/** Copies a window of at most `exchangeSteps` to where the others read it. */
export function publish(columns: ExchangeColumns, emission: Emission, widths: readonly number[]): void {
  const { spikes } = emission;
  columns.counts.set(spikes.counts);
  columns.neurons.set(spikes.neurons);
  if (columns.values !== undefined) {
    if (spikes.values === undefined) columns.values.fill(1, 0, spikes.neurons.length);
    else columns.values.set(spikes.values);
  }
  const total = widths.reduce((sum, width) => sum + width, 0);
  let first = 0;
  emission.signals.forEach((block, i) => {
    const width = widths[i];
    for (let s = 0; s < spikes.counts.length; s++) {
      columns.signals.set(block.subarray(s * width, (s + 1) * width), s * total + first);
    }
    first += width;
  });
}

const CONTROL_BYTES = 64;
const COMMAND = 0;
const TARGET = 1;
const ARRIVED = 2;
const ROUND = 3;
const FAILED = 4;

export enum ThreadCommand {
  Advance = 1,
  Samples = 2,
  End = 3,
  Snapshot = 4,
  Restore = 5,
}

/** Polls this often before sleeping: a hand-over by spinning costs a tenth of a microsecond, by waking fifty. */
const SPINS = 20_000;
const PATIENCE_MS = 1000;

/** The barrier and the commands of a process's threads. Thread 0 leads. */
export class ThreadControl {
  private readonly words: Int32Array;
  private readonly events: Float64Array;
  private commands = 0;

  constructor(
    memory: ExchangeMemory,
    private readonly threads: number,
  ) {
    this.words = new Int32Array(memory.control, 0, CONTROL_BYTES / 4);
    this.events = new Float64Array(memory.control, CONTROL_BYTES, threads);
  }

  /** Leader: tells the others what to do. */
  command(what: ThreadCommand, target: number): void {
    this.words[TARGET] = target;
    this.words[TARGET + 8] = what;
    Atomics.add(this.words, COMMAND, 1);
    Atomics.notify(this.words, COMMAND);
  }

  /** Others: sleeps until the leader says something. */
  nextCommand(): { readonly what: ThreadCommand; readonly target: number } {
    waitWhile(this.words, COMMAND, this.commands, () => false);
    this.commands++;
    return { what: this.words[TARGET + 8], target: this.words[TARGET] };
  }

  /** All threads: returns when all have come. False when one of them has failed. */
  barrier(): boolean {
    const round = Atomics.load(this.words, ROUND);
    if (Atomics.add(this.words, ARRIVED, 1) + 1 === this.threads) {
      Atomics.store(this.words, ARRIVED, 0);
      Atomics.add(this.words, ROUND, 1);
      Atomics.notify(this.words, ROUND);
    } else {
      waitWhile(this.words, ROUND, round, () => this.failed);
    }
    return !this.failed;
  }

  fail(): void {
    Atomics.store(this.words, FAILED, 1);
    Atomics.notify(this.words, ROUND);
  }

  get failed(): boolean {
    return Atomics.load(this.words, FAILED) !== 0;
  }

  countEvents(thread: number, events: number): void {
    this.events[thread] = events;
  }

  get synapticEvents(): number {
    return this.events.reduce((sum, events) => sum + events, 0);
  }
}

function waitWhile(words: Int32Array, index: number, value: number, abandoned: () => boolean): void {
  for (let spin = 0; spin < SPINS; spin++) if (Atomics.load(words, index) !== value) return;
  while (Atomics.load(words, index) === value && !abandoned()) Atomics.wait(words, index, value, PATIENCE_MS);
}
