import { GraphError } from '../../errors.js';
import type { Population, Value } from '../../types.js';

/** A population's bias, which one of its projections has to take along. */
export class BiasOnce {
  private readonly value: Value | undefined;
  private taken = false;

  constructor(private readonly population: Population) {
    const bias = population.params.bias;
    this.value = bias === 0 ? undefined : bias;
  }

  /** The bias of each neuron, until it is taken. */
  get left(): Float64Array | undefined {
    if (this.taken || this.value === undefined) return undefined;
    const { size, name } = this.population;
    if (typeof this.value === 'number') return new Float64Array(size).fill(this.value);
    if (this.value instanceof Float64Array) return this.value;
    throw new GraphError(`populations.${name}.params.bias`, 'is a distribution, expected numbers for NIR');
  }

  take(): void {
    this.taken = true;
  }

  requireTaken(): void {
    if (this.left === undefined) return;
    throw new GraphError(
      `populations.${this.population.name}.params.bias`,
      'NIR has no bias of neurons, expected a matrix, pairs or a convolution into the population to take it',
    );
  }
}
