import type { Emission } from './engine.js';

/** Grows the columns of what a federate emits, one block and step after the other; a window's worth at a time. */
export class EmissionBuffer {
  private counts = new Uint32Array(64);
  private neurons = new Uint32Array(1024);
  private values: Float32Array | undefined;
  private total = 0;
  private steps = 0;
  private signals: Float64Array[];
  private beginStep = 0;

  constructor(
    graded: boolean,
    private readonly signalSizes: readonly number[],
  ) {
    this.values = graded ? new Float32Array(1024) : undefined;
    this.signals = signalSizes.map(() => new Float64Array(0));
  }

  begin(step: number, windowSteps: number): void {
    this.beginStep = step;
    this.steps = 0;
    this.total = 0;
    if (this.counts.length < windowSteps) this.counts = new Uint32Array(windowSteps);
    this.signals = this.signalSizes.map((size, i) =>
      this.signals[i].length >= size * windowSteps ? this.signals[i] : new Float64Array(size * windowSteps),
    );
  }

  beginStepSpikes(): void {
    this.counts[this.steps] = 0;
  }

  /** Spikes of one block in this step; blocks come in the federate's order. */
  add(fired: Uint32Array, values: Float32Array | undefined, count: number, firstLocal: number): void {
    this.reserve(count);
    for (let i = 0; i < count; i++) this.neurons[this.total + i] = firstLocal + fired[i];
    if (this.values !== undefined) {
      if (values === undefined) this.values.fill(1, this.total, this.total + count);
      else this.values.set(values.subarray(0, count), this.total);
    }
    this.total += count;
    this.counts[this.steps] += count;
  }

  addSignal(index: number, output: Float64Array): void {
    this.signals[index].set(output, this.steps * this.signalSizes[index]);
  }

  endStep(): void {
    this.steps++;
  }

  take(): Emission {
    return {
      beginStep: this.beginStep,
      endStep: this.beginStep + this.steps,
      spikes: {
        counts: this.counts.subarray(0, this.steps),
        neurons: this.neurons.subarray(0, this.total),
        values: this.values?.subarray(0, this.total),
      },
      signals: this.signals.map((column, i) => column.subarray(0, this.steps * this.signalSizes[i])),
    };
  }

  private reserve(more: number): void {
    if (this.total + more <= this.neurons.length) return;
    const length = Math.max(this.neurons.length * 2, this.total + more);
    const neurons = new Uint32Array(length);
    neurons.set(this.neurons.subarray(0, this.total));
    this.neurons = neurons;
    if (this.values === undefined) return;
    const values = new Float32Array(length);
    values.set(this.values.subarray(0, this.total));
    this.values = values;
  }
}
