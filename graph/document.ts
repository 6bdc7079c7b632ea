import type { ModelInput } from './equations/document.js';
import type { SynapseInput, SynapseModelInput } from './synapses/input.js';

/**
 * The graph as people write it, in `*.nil.yaml`, JSON or with the builder: quantities carry their units ('20 mV'). `docs/graph-format.md`
 * is the reference.
 */

/** Text with a unit where there is one, a plain number where there is none. */
export type QuantityInput = string | number;

/** Numbers in the text, nested for matrices and kernels; or in an array in memory (builder only). */
export type NumbersInput =
  | readonly QuantityInput[]
  | readonly NestedNumbers[]
  | Float64Array
  | Float32Array
  | Uint32Array
  | Int32Array
  /** Plain numbers that share a unit. */
  | { readonly values: NumbersInput; readonly unit?: string }
  /** A `.npy` or `.csv` file beside the graph's file. `column`: name or number (from 0) of a CSV column. */
  | { readonly file: string; readonly column?: string | number; readonly unit?: string };

export type NestedNumbers = readonly QuantityInput[] | readonly NestedNumbers[];

export type DistributionInput =
  | {
      readonly normal: {
        readonly mean: QuantityInput;
        readonly std: QuantityInput;
        readonly min?: QuantityInput;
        readonly max?: QuantityInput;
      };
    }
  | {
      /** exp(mu + sigma · z) in `unit` (needed where the quantity has one). */
      readonly lognormal: {
        readonly mu: number;
        readonly sigma: number;
        readonly unit?: string;
        readonly min?: QuantityInput;
        readonly max?: QuantityInput;
      };
    }
  | { readonly uniform: { readonly low: QuantityInput; readonly high: QuantityInput } };

/** One for all, one per element, or drawn. */
export type ValueInput = QuantityInput | NumbersInput | DistributionInput;

export interface PopulationInput {
  readonly model: string;
  /** Either size or shape. */
  readonly size?: number;
  readonly shape?: readonly number[];
  readonly params?: Readonly<Record<string, ValueInput>>;
  readonly initial?: Readonly<Record<string, ValueInput>>;
  readonly placement?: string;
}

interface ProjectionCommon {
  readonly name?: string;
  readonly source: string;
  readonly target: string;
  readonly delay: ValueInput;
  readonly receptor?: string;
  /** What its synapses do beyond having a weight: docs/plasticity.md. */
  readonly synapse?: SynapseInput;
  /** True unless said otherwise, as in NEST. */
  readonly allow_autapses?: boolean;
  readonly allow_multapses?: boolean;
}

interface Weighted extends ProjectionCommon {
  readonly weight: ValueInput;
}

/** The weights are in the matrix or kernel; `weight` is a factor on them, 1 unless said otherwise. */
interface SelfWeighted extends ProjectionCommon {
  readonly weight?: number;
}

export interface ConvInput {
  /** [outChannels, inChannels / groups, ...kernelShape]. */
  readonly kernel: NumbersInput;
  readonly stride?: number | readonly number[];
  /** Zeros around each dimension; 'same' keeps the shape (stride 1), 'valid' is none. */
  readonly padding?: number | readonly number[] | 'same' | 'valid';
  readonly dilation?: number | readonly number[];
  readonly groups?: number;
}

export type ProjectionInput =
  | (Weighted & { readonly rule: 'all_to_all' | 'one_to_one' })
  | (Weighted & { readonly rule: 'fixed_probability' | 'pairwise_bernoulli'; readonly p: number })
  | (Weighted & { readonly rule: 'fixed_indegree'; readonly indegree: number })
  | (Weighted & { readonly rule: 'fixed_outdegree'; readonly outdegree: number })
  | (Weighted & { readonly rule: 'fixed_total_number'; readonly N: number })
  | (Weighted & { readonly pairs: { readonly sources: NumbersInput; readonly targets: NumbersInput } })
  | (SelfWeighted & { readonly dense: { readonly matrix: NumbersInput } })
  | (SelfWeighted & { readonly conv1d: ConvInput })
  | (SelfWeighted & { readonly conv2d: ConvInput });

interface StimulusCommon {
  readonly name?: string;
  readonly target: string;
}

/** Neurons [begin, end). */
export type RangeInput = readonly [number, number];

export type StimulusInput =
  | (StimulusCommon & {
      readonly kind: 'poisson';
      readonly rate: ValueInput;
      readonly weight: QuantityInput;
      readonly delay: QuantityInput;
      readonly receptor?: string;
      readonly start?: QuantityInput;
      readonly stop?: QuantityInput;
    })
  | (StimulusCommon & {
      readonly kind: 'inhomogeneous_poisson';
      readonly times: NumbersInput;
      readonly rates: NumbersInput;
      readonly weight: QuantityInput;
      readonly delay: QuantityInput;
      readonly receptor?: string;
    })
  | (StimulusCommon & {
      readonly kind: 'ac_current';
      readonly amplitude: QuantityInput;
      readonly frequency: QuantityInput;
      readonly offset?: QuantityInput;
      readonly phase?: QuantityInput;
      readonly start?: QuantityInput;
      readonly stop?: QuantityInput;
      readonly range?: RangeInput;
    })
  | (StimulusCommon & {
      readonly kind: 'step_current';
      readonly times: NumbersInput;
      readonly amplitudes: NumbersInput;
      readonly range?: RangeInput;
    })
  | (StimulusCommon & {
      readonly kind: 'noise_current';
      readonly mean: QuantityInput;
      readonly std: QuantityInput;
      readonly interval: QuantityInput;
      readonly range?: RangeInput;
    })
  | (StimulusCommon & {
      readonly kind: 'spikes';
      readonly times: NumbersInput;
      readonly neurons: NumbersInput;
      readonly values?: NumbersInput;
    });

export type RecordingInput =
  | { readonly kind: 'spikes'; readonly population: string; readonly range?: RangeInput }
  | {
      readonly kind: 'state';
      readonly population: string;
      readonly variables: string | readonly string[];
      readonly every?: QuantityInput;
      readonly range?: RangeInput;
    }
  | {
      readonly kind: 'weights';
      readonly projection: string;
      readonly every?: QuantityInput;
      readonly at?: NumbersInput;
      readonly spikes?: boolean;
      readonly range?: RangeInput;
    };

export interface AdapterInput extends Readonly<Record<string, unknown>> {
  readonly kind: string;
}

export interface GraphInput {
  /** Version of the format: 1. */
  readonly nil: 1;
  readonly name?: string;
  readonly description?: string;
  readonly metadata?: Readonly<Record<string, string>>;
  readonly defaults?: {
    readonly dt?: QuantityInput;
    readonly duration?: QuantityInput;
    readonly seed?: number;
  };
  /** Models of the graph's own (`docs/equations.md`). */
  readonly models?: Readonly<Record<string, ModelInput>>;
  /** Synapse models of the graph's own (docs/plasticity.md). */
  readonly synapse_models?: Readonly<Record<string, SynapseModelInput>>;
  readonly populations: Readonly<Record<string, PopulationInput>>;
  readonly projections?: readonly ProjectionInput[];
  readonly stimuli?: readonly StimulusInput[];
  readonly recordings?: readonly RecordingInput[];
  /** What populations can be placed on beside workers: the plug-in's kind, and its own configuration (`docs/adapters.md`). */
  readonly adapters?: Readonly<Record<string, AdapterInput>>;
  /** Population: federate (adapter or worker) that should own it. */
  readonly placement?: Readonly<Record<string, string>>;
}
