import type { ParameterSpec } from '../model.js';

/**
 * A synapse model is data, as a neuron model is: where its variables live, what happens to them at a spike, and what acts at the target. From
 * one description come the checks on a graph, the interpreter and the WASM kernel.
 *
 * Between events variables decay exponentially, or stay. Times are the synapse's: all of a synapse's delay d is dendritic, as in NEST. A spike of
 * the source at t is at the synapse at t, and acts at the target at t + d; a spike of the target at t is at the synapse at t + d. Events that
 * coincide don't see each other: what happens at the target's spike comes first and sees the source's variables before their jump, and
 * what happens at the source's spike sees the target's variables before theirs.
 */
export interface SynapseModelSpec {
  readonly name: string;
  readonly doc: string;
  /** The paper, equation or peer's documentation that it follows. */
  readonly reference: string;
  /** NEST's model with the same weights, where there is one. */
  readonly nest?: string;
  readonly parameters: Readonly<Record<string, SynapseParameter>>;
  /** Kept once for each source (and delay): they follow from its spikes alone. */
  readonly source?: TraceGroup;
  /** Kept once for each target, at its last spikes. */
  readonly target?: TraceGroup;
  /** Kept for each synapse. */
  readonly variables?: Readonly<Record<string, TraceSpec>>;
  /** Statements at a spike of the source and of the target; they set `w` and the synapse's own variables. */
  readonly onPre?: string;
  readonly onPost?: string;
  /** What is added at the target, `w` when missing: an expression that sees the source's variables after their jump. */
  readonly transmit?: string;
  /** Ends of the range that `w` is kept within: numbers or parameters, in any order. Needed where `w` is set, since sums need a bound. */
  readonly bounds?: readonly [number | string, number | string];
}

/** `weight`: in the unit of what the projection's target takes in. */
export type SynapseParameter = Omit<ParameterSpec, 'unit'> & {
  readonly unit: ParameterSpec['unit'] | 'weight';
};

export interface TraceGroup {
  readonly variables: Readonly<Record<string, TraceSpec>>;
  /** Statements at a spike, on the variables as decayed until then. `h` is the time since the spike before in ms, `decay(tau)` is exp(−h / tau). */
  readonly onSpike: string;
}

export interface TraceSpec {
  /** Parameter with the time constant in ms; 0 forgets at once. Missing: it doesn't decay. */
  readonly tau?: string;
  /** Value at time 0: a number or a parameter; 0 when missing. */
  readonly initial?: number | string;
  readonly doc?: string;
}
