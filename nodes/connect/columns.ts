/** Synapses as columns; synapse i goes from sources[i] to targets[i] (neuron numbers within their populations). */
export interface SynapseColumns {
  readonly sources: Uint32Array;
  readonly targets: Uint32Array;
  readonly weights: number | Float64Array;
  readonly delaySteps: number | Uint32Array;
}

/** Grows while a rule is expanded; `index` is the synapse's place in the rule's own order, for values given one by one. */
export class ColumnBuilder {
  private sources: Uint32Array;
  private targets: Uint32Array;
  private indices: Float64Array | undefined;
  private count = 0;

  constructor(expected: number, keepIndex: boolean) {
    const length = Math.max(16, Math.ceil(expected));
    this.sources = new Uint32Array(length);
    this.targets = new Uint32Array(length);
    this.indices = keepIndex ? new Float64Array(length) : undefined;
  }

  add(source: number, target: number, index: number): void {
    if (this.count === this.sources.length) this.grow();
    this.sources[this.count] = source;
    this.targets[this.count] = target;
    if (this.indices !== undefined) this.indices[this.count] = index;
    this.count++;
  }

  take(): { sources: Uint32Array; targets: Uint32Array; indices: Float64Array | undefined } {
    return {
      sources: this.sources.subarray(0, this.count),
      targets: this.targets.subarray(0, this.count),
      indices: this.indices?.subarray(0, this.count),
    };
  }

  private grow(): void {
    const length = this.count + Math.ceil(this.count / 2);
    const larger = <A extends Uint32Array | Float64Array>(into: A, from: A): A => {
      into.set(from);
      return into;
    };
    this.sources = larger(new Uint32Array(length), this.sources);
    this.targets = larger(new Uint32Array(length), this.targets);
    if (this.indices !== undefined) this.indices = larger(new Float64Array(length), this.indices);
  }
}
