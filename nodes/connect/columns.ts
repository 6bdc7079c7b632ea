import type { Graph, Population, Projection } from '../../graph/types.js';

/**
 * The synapses of one projection onto a range of its targets, as columns. Ordered by target; the k-th synapse of a target in the order
 * that its rule states (`expandProjection`).
 */
export interface SynapseColumns {
  /** Neuron numbers within the source population. */
  readonly sources: Uint32Array;
  /** Neuron numbers within the target population. */
  readonly targets: Uint32Array;
  /** One for all; float64 where the graph states each; float32 where drawn. */
  readonly weights: number | Float32Array | Float64Array;
  /** In steps of dt, 0 acts in the same step. */
  readonly delaySteps: number | Uint16Array | Uint32Array;
}

export interface ExpandInput {
  readonly graph: Graph;
  /** Place in `graph.projections`: the projection's number in random streams. */
  readonly projection: number;
  readonly seed: number;
  readonly dtNs: number;
}

/** What every rule needs to know of the two ends. */
export interface Ends {
  readonly source: Population;
  readonly target: Population;
  /** A neuron never connects to itself: same population, autapses not allowed. */
  readonly skipSelf: boolean;
  /** Sources that a target can choose from, and targets that a source can. */
  readonly sourceChoices: number;
  readonly targetChoices: number;
}

export function endsOf(graph: Graph, projection: Projection): Ends {
  const find = (name: string): Population => {
    const population = graph.populations.find((candidate) => candidate.name === name);
    if (population === undefined) throw new RangeError(`no population "${name}"`);
    return population;
  };
  const source = find(projection.source);
  const target = find(projection.target);
  const skipSelf = source === target && !projection.allowAutapses;
  const less = skipSelf ? 1 : 0;
  return {
    source,
    target,
    skipSelf,
    sourceChoices: source.size - less,
    targetChoices: target.size - less,
  };
}

/** Where an error about a projection points. */
export function placeOf(graph: Graph, projection: Projection): string {
  return `projections[${graph.projections.indexOf(projection)}]`;
}

/** Synapses of targets [begin, end): row j is [rowStart[j], rowStart[j + 1]) of the columns. */
export interface Rows {
  readonly begin: number;
  readonly rowStart: Float64Array;
  readonly sources: Uint32Array;
  /** Place in the projection's arrays of weights and delays; undefined where row position says it (see `elementOf`). */
  readonly elements?: Uint32Array;
  /** Weights that come with the rule. */
  readonly weights?: Float64Array;
}

/** Row starts from row lengths. */
export function startsOf(lengths: ArrayLike<number>): Float64Array {
  const starts = new Float64Array(lengths.length + 1);
  for (let j = 0; j < lengths.length; j++) starts[j + 1] = starts[j] + lengths[j];
  return starts;
}

/** Columns that grow. */
export class Uint32List {
  private items: Uint32Array;
  length = 0;

  constructor(expected = 1024) {
    this.items = new Uint32Array(Math.max(16, Math.ceil(expected)));
  }

  push(item: number): void {
    if (this.length === this.items.length) this.grow();
    this.items[this.length++] = item;
  }

  view(): Uint32Array {
    return this.items.subarray(0, this.length);
  }

  private grow(): void {
    const larger = new Uint32Array(Math.ceil(this.items.length * 1.5));
    larger.set(this.items);
    this.items = larger;
  }
}
