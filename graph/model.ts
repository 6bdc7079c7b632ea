/**
 * A neuron model is data. From one description come the checks on a graph's parameters, the interpreter and the WASM kernel.
 * Adding a model is adding one file to `graph/models`.
 */

/** One of the units of NEST's models, or a compound such as 'pA/ms' (`unit-expression.ts`). */
export type Unit = 'mV' | 'ms' | 's' | 'pF' | 'pA' | 'nS' | 'MOhm' | 'Hz' | '1' | (string & {});

export interface ParameterSpec {
  readonly unit: Unit;
  /** Undefined: the graph has to say it. */
  readonly default?: number;
  readonly doc: string;
  /** Smallest and largest legal value; `exclusive` excludes the bounds themselves. */
  readonly min?: number;
  readonly max?: number;
  readonly exclusive?: boolean;
}

export interface StateSpec {
  readonly unit: Unit;
  /** A number, the name of the parameter that it starts from, or a formula of the parameters. */
  readonly initial: number | string | ((p: Readonly<Record<string, number>>) => number);
  readonly doc: string;
}

export interface PortSpec {
  readonly name: string;
  readonly unit: Unit;
  readonly doc: string;
}

export interface ModelSpec {
  readonly name: string;
  readonly doc: string;
  /** The paper, equation or peer's documentation that it follows. */
  readonly reference: string;
  /**
   * `spike`: emits when `spike` is true at a step's end. `signal`: emits `output` at every step, as a continuous value.
   * `none`: only listens.
   */
  readonly emits: 'spike' | 'signal' | 'none';
  /** Only an adapter can own it; its parameters are free. */
  readonly external?: boolean;
  /** A source has no ports and no update: its events come from a stimulus or a generator. */
  readonly source?: 'spikes' | 'poisson' | 'sinusoidal_poisson' | 'sinusoidal_gamma';
  readonly parameters: Readonly<Record<string, ParameterSpec>>;
  readonly state: Readonly<Record<string, StateSpec>>;
  readonly ports: readonly PortSpec[];
  /** Weights >= 0 go to ports[0], others to ports[1], when a projection names no receptor. */
  readonly portBySign?: boolean;
  /**
   * Names and values of what stays constant in a run (propagators), from parameters and dt. Computed once for each distinct parameter
   * set, in double precision, by the deterministic functions in `math`, so that every owner gets the same bits.
   */
  readonly constants: readonly string[];
  readonly propagators: (
    p: Readonly<Record<string, number>>,
    dtMs: number,
    math: DeterministicMath,
  ) => Readonly<Record<string, number>>;
  /** A rule over several parameters; returns what is wrong, in one line. */
  readonly check?: (p: Readonly<Record<string, number>>) => string | undefined;
  /**
   * The update of one neuron in one step, in the kernel language (`graph/kernel/`): assignments and if / else over parameters,
   * state, constants, `in_<port>` (the sum of the events that act in this step), `current` (step and noise currents and signals,
   * summed in the graph's order) and local names. Sets `spike` (spike models) or `output` (signal models).
   */
  readonly update: string;
  /** The unit of step and noise currents; that of the parameter I_e, or none, when absent. */
  readonly currentUnit?: Unit;
  /** Random numbers that the update reads by these names: drawn anew for each neuron and step. */
  readonly noise?: readonly NoiseSpec[];
  /** How its equations are solved, for people. */
  readonly method?: string;
}

/** The unit of currents that a model takes (step and noise currents). */
export function currentUnit(model: ModelSpec): Unit {
  return model.currentUnit ?? model.parameters.I_e?.unit ?? '1';
}

export interface NoiseSpec {
  readonly name: string;
  /** Standard normal, or even in (0, 1). */
  readonly kind: 'normal' | 'uniform';
}

/** Functions whose bits are the same in every engine: only +, -, ×, ÷, sqrt and comparisons underneath. */
export interface DeterministicMath {
  readonly exp: (x: number) => number;
  readonly expm1: (x: number) => number;
  readonly log: (x: number) => number;
  readonly sqrt: (x: number) => number;
}
