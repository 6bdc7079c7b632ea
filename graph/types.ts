import type { ModelInput } from './equations/document.js';
import type { SynapseModelSpec } from './synapses/spec.js';

/**
 * The NIL graph: populations, projections, stimuli, recordings, as plain readonly data in base units.
 * Files and builders convert units once, at the border (`units.ts`); everything behind it works in
 * mV, ms, pF, pA, nS, Hz for NEST-style models, in NIR's own units for NIR models, and in integer ns for time.
 */

/** A random value per element, drawn by who the element is (see `nodes/random`). Bounds clip. */
export type Distribution =
  | {
      readonly kind: 'normal';
      readonly mean: number;
      readonly std: number;
      readonly min?: number;
      readonly max?: number;
    }
  | {
      readonly kind: 'lognormal';
      readonly mu: number;
      readonly sigma: number;
      readonly min?: number;
      readonly max?: number;
    }
  | { readonly kind: 'uniform'; readonly low: number; readonly high: number };

/** One number for all, one per element (neuron, or synapse in the rule's order), or a distribution. */
export type Value = number | Float64Array | Distribution;

/** A half-open range [begin, end) of neurons of one population. */
export interface NeuronRange {
  readonly begin: number;
  readonly end: number;
}

export interface Population {
  readonly name: string;
  /** A key of the model registry (`graph/models`). */
  readonly model: string;
  readonly size: number;
  /** For layers with geometry, row-major, product = size; [size] otherwise. */
  readonly shape: readonly number[];
  /** Model parameters that differ from the model's defaults. Arrays have one element a neuron. */
  readonly params: Readonly<Record<string, Value>>;
  /** State at time 0 that differs from the model's defaults. */
  readonly initial: Readonly<Record<string, Value>>;
  /** A hint: the federate (adapter or worker name) that should own it. */
  readonly placement?: string;
}

/** Connectivity, with NEST's names and semantics (connection management documentation). */
export type Rule =
  | { readonly kind: 'all_to_all' }
  | { readonly kind: 'one_to_one' }
  | { readonly kind: 'fixed_probability'; readonly p: number }
  | { readonly kind: 'fixed_indegree'; readonly indegree: number }
  | { readonly kind: 'fixed_outdegree'; readonly outdegree: number }
  | { readonly kind: 'fixed_total_number'; readonly n: number }
  /** Explicit synapses; synapse i goes from sources[i] to targets[i]. Array weights and delays have one element a synapse. */
  | { readonly kind: 'pairs'; readonly sources: Uint32Array; readonly targets: Uint32Array }
  /** Row-major targets × sources; the matrix is the weight, zeros are no synapse. */
  | { readonly kind: 'dense'; readonly matrix: Float64Array }
  | ConvRule;

/**
 * A convolution (cross-correlation, as in PyTorch) from the source's [channels, ...space] to the target's. `kernel` is row-major
 * [outChannels, inChannels / groups, ...kernelShape]; space has 1 or 2 dimensions; the kernel is the weight.
 * A synapse whose kernel value is zero is no synapse.
 */
export interface ConvRule {
  readonly kind: 'conv';
  readonly kernel: Float64Array;
  readonly kernelShape: readonly number[];
  readonly inChannels: number;
  readonly outChannels: number;
  readonly inputShape: readonly number[];
  readonly stride: readonly number[];
  /** Zeros before and after, for each dimension of space: [before, after]. */
  readonly padding: readonly (readonly [number, number])[];
  readonly dilation: readonly number[];
  readonly groups: number;
}

export interface Projection {
  readonly name: string;
  readonly source: string;
  readonly target: string;
  readonly rule: Rule;
  /** Ignored for `dense` and `conv`, which carry their weights: there it is a factor on them. */
  readonly weight: Value;
  /** Nanoseconds. A constant is a multiple of dt; drawn delays are rounded to dt, and to dt at least. 0 acts in the same step. */
  readonly delayNs: Value;
  /** A port of the target's model; undefined takes the model's only port, or its port by the weight's sign. */
  readonly receptor?: string;
  readonly allowAutapses: boolean;
  readonly allowMultapses: boolean;
  /** What the synapses do beyond having a weight. */
  readonly synapse?: SynapseUse;
}

/** A synapse model of a projection (`graph/synapses`). */
export interface SynapseUse {
  readonly model: string;
  /** Parameters that differ from the model's defaults, one for all synapses. */
  readonly params: Readonly<Record<string, number>>;
  /** When weights change: at times t of events at the synapse with beginNs <= t < endNs. Undefined: always. Ascending. */
  readonly learning?: readonly LearningWindow[];
}

export interface LearningWindow {
  readonly beginNs: number;
  /** Infinity: to the end. */
  readonly endNs: number;
}

export type Stimulus =
  /** An independent Poisson train for every target neuron, through one synapse of this weight and delay each. */
  | {
      readonly kind: 'poisson';
      readonly name: string;
      readonly target: string;
      readonly rateHz: Value;
      readonly weight: number;
      readonly delayNs: number;
      readonly receptor?: string;
      readonly startNs?: number;
      readonly stopNs?: number;
    }
  /** As `poisson`, at ratesHz[i] for spikes stamped at timesNs[i] (above 0) and later, until the next one; none before the first. */
  | {
      readonly kind: 'inhomogeneous_poisson';
      readonly name: string;
      readonly target: string;
      readonly timesNs: Float64Array;
      readonly ratesHz: Float64Array;
      readonly weight: number;
      readonly delayNs: number;
      readonly receptor?: string;
    }
  /** offset + amplitude · sin(2π frequencyHz t + phaseDeg) in the step that begins at t, startNs <= t < stopNs. In the model's current unit. */
  | {
      readonly kind: 'ac_current';
      readonly name: string;
      readonly target: string;
      readonly amplitude: number;
      readonly offset: number;
      readonly frequencyHz: number;
      readonly phaseDeg: number;
      readonly startNs?: number;
      readonly stopNs?: number;
      readonly range?: NeuronRange;
    }
  /** Amplitude i holds from timesNs[i] to timesNs[i + 1] (the last one to the run's end). In the model's current unit. */
  | {
      readonly kind: 'step_current';
      readonly name: string;
      readonly target: string;
      readonly timesNs: Float64Array;
      readonly amplitudes: Float64Array;
      readonly range?: NeuronRange;
    }
  /** Normal with this mean and standard deviation, drawn anew for each neuron every `intervalNs`. */
  | {
      readonly kind: 'noise_current';
      readonly name: string;
      readonly target: string;
      readonly mean: number;
      readonly std: number;
      readonly intervalNs: number;
      readonly range?: NeuronRange;
    }
  /**
   * What a `spike_source` population emits: event i is stamped timesNs[i] (a multiple of dt, in (0, duration]), comes from neurons[i] and,
   * when graded, carries values[i]. In order of (time, neuron).
   */
  | {
      readonly kind: 'spikes';
      readonly name: string;
      readonly target: string;
      readonly timesNs: Float64Array;
      readonly neurons: Uint32Array;
      readonly values?: Float32Array;
    };

export type Recording =
  | { readonly kind: 'spikes'; readonly population: string; readonly range?: NeuronRange }
  | {
      readonly kind: 'state';
      readonly population: string;
      /** State variables of the model, by name. Sample i holds the state at the end of step i · (everyNs / dt). */
      readonly variables: readonly string[];
      /** A multiple of dt; undefined samples every step. */
      readonly everyNs?: number;
      readonly range?: NeuronRange;
    }
  /** Weights of a projection's synapses: at multiples of `everyNs`, at `timesNs`, and whenever a spike acts through the synapse. */
  | {
      readonly kind: 'weights';
      readonly projection: string;
      readonly everyNs?: number;
      /** Above 0. */
      readonly timesNs?: Float64Array;
      readonly spikes?: boolean;
      /** Of targets. */
      readonly range?: NeuronRange;
    };

/** A board, a camera, another simulator, a file: what owns populations in place of a worker. */
export interface AdapterSpec {
  /** Which plug-in (`adapters/sdk/find.ts`). */
  readonly kind: string;
  /** The plug-in's own configuration, as JSON has it; its schema is the plug-in's. */
  readonly config: Readonly<Record<string, unknown>>;
}

export interface Graph {
  readonly name: string;
  /** Models of the graph's own, by name: equations as text, which every owner compiles (`graph/equations`). */
  readonly models?: Readonly<Record<string, ModelInput>>;
  /** Order is identity: population i keeps number i in random streams, whoever owns it. */
  readonly populations: readonly Population[];
  readonly projections: readonly Projection[];
  readonly stimuli: readonly Stimulus[];
  /** Without any, spikes of every population that isn't a source are recorded. */
  readonly recordings: readonly Recording[];
  /** What the file suggests; the command line has the last word. */
  readonly defaults: { readonly dtNs?: number; readonly durationNs?: number; readonly seed?: number };
  readonly metadata: Readonly<Record<string, string>>;
  /** By the names that `placement` of populations says; undefined without any. */
  readonly adapters?: Readonly<Record<string, AdapterSpec>>;
  /** Synapse models of the graph's own. */
  readonly synapseModels?: readonly SynapseModelSpec[];
}

/** What makes a run: the same graph and these settings give the same digest anywhere. */
export interface RunSettings {
  readonly dtNs: number;
  readonly durationNs: number;
  /** Unsigned, below 2^53. */
  readonly seed: number;
}
