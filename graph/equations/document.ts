/**
 * A neuron model as people write it: under `models:` in a graph file, with the builder, or in `graph/models/`. `docs/equations.md` is the
 * reference. It is plain data and travels with the graph; `compile.ts` makes a `ModelSpec` of it.
 */
export interface ModelInput {
  readonly doc?: string;
  /** The paper or peer's model that it follows. */
  readonly reference?: string;
  readonly parameters?: Readonly<Record<string, ParameterInput>>;
  /** Value at time 0, a quantity or a formula of parameters, by state variable. */
  readonly state?: Readonly<Record<string, StateInput>>;
  readonly ports?: Readonly<Record<string, PortInput>>;
  /** Weights >= 0 go to the first port, others to the second, when a projection names no receptor. */
  readonly port_by_sign?: boolean;
  /** The unit of step and noise currents, `I_stim` in the equations: pA unless said otherwise. */
  readonly current?: string;
  /** Lines `dX/dt = formula : unit`, optionally `(unless refractory)`, and `name = formula : unit`. */
  readonly equations: string;
  /** Statements at the end of each step, after events have arrived and before the threshold. */
  readonly each_step?: string;
  /** A condition. A model without one never spikes. */
  readonly threshold?: string;
  /** Where it is asked: at a step's end, or (rkf45) after each part of a step, so that a reset acts at once. */
  readonly threshold_at?: 'step' | 'substep';
  /** Statements when it spikes. */
  readonly reset?: string;
  /** A time: a formula of parameters. */
  readonly refractory?: string;
  readonly method?: MethodInput;
  /** rkf45: largest error of one part of a step, in each variable's unit (mV, pA, nS, …), and relative to its change. */
  readonly tolerance?: TextNumber;
  readonly relative_tolerance?: TextNumber;
}

export type TextNumber = number | string;

export const METHODS = ['auto', 'exact', 'exponential_euler', 'euler', 'rk4', 'rkf45'] as const;
export type MethodInput = (typeof METHODS)[number];

export type ParameterInput =
  | QuantityInput
  | {
      /** Missing: the graph has to say it. */
      readonly default?: QuantityInput;
      /** Needed where there is no default. */
      readonly unit?: string;
      readonly min?: QuantityInput;
      readonly max?: QuantityInput;
      /** A bound that isn't legal itself. */
      readonly above?: QuantityInput;
      readonly below?: QuantityInput;
      readonly doc?: string;
    };

export type StateInput =
  | QuantityInput
  | { readonly initial: QuantityInput; readonly unit?: string; readonly doc?: string };

export interface PortInput {
  /** What an event does. `delta`: adds its weight to `into`. The others make a current, or with `reversal` a conductance. */
  readonly kind: 'delta' | 'exponential' | 'alpha' | 'beta';
  /** delta: the state variable. */
  readonly into?: string;
  /** Of weights: pA or nS, …; `delta` has its variable's. */
  readonly unit?: string;
  /** Formulas of parameters: times. */
  readonly tau?: string;
  readonly tau_rise?: string;
  readonly tau_decay?: string;
  /** Formula of the reversal potential: makes it a conductance, whose current is g · (reversal − voltage). */
  readonly reversal?: string;
  /** The state variable that it makes; I_<port> or g_<port> unless said otherwise. */
  readonly variable?: string;
  /** Weights are below 0, and what the event does has the opposite sign (inhibitory conductances). */
  readonly negative?: boolean;
  readonly doc?: string;
}

/** Text with a unit where there is one, a plain number where there is none. */
type QuantityInput = string | number;
