import type { Unit } from '../model.js';
import type { Dimension } from '../unit-expression.js';
import type { Formula } from './formula.js';

/** Random numbers: `xi` and `normal` are normal, `uniform` is even; each with `_NAME` is one of its own. */
export const NOISE = /^(xi|uniform|normal)(_\w+)?$/;

/** A model with its names resolved and its formulas in coherent units: what the solvers work on. */
export interface System {
  readonly name: string;
  readonly parameters: ReadonlyMap<string, SystemParameter>;
  /** In the order of the run's random streams: rates first as written, then what only statements change. */
  readonly state: readonly SystemState[];
  readonly rates: readonly Rate[];
  /** In an order in which each needs only those before it. */
  readonly lets: readonly Let[];
  readonly ports: readonly SystemPort[];
  readonly eachStep: readonly Step[];
  readonly threshold: Formula | undefined;
  readonly thresholdAt: 'step' | 'substep';
  readonly reset: readonly Step[];
  /** In ms. */
  readonly refractory: Formula | undefined;
  /** Names of random numbers (`NOISE`). */
  readonly noise: readonly string[];
  readonly tolerance: number;
  readonly relativeTolerance: number;
}

export interface SystemParameter {
  readonly unit: Unit;
  readonly dimension: Dimension;
  readonly power: number;
}

export interface SystemState {
  readonly name: string;
  readonly unit: Unit;
  readonly initial: Formula;
  readonly doc: string;
}

export interface Rate {
  readonly name: string;
  /** dX/dt per ms; without noise terms. */
  readonly formula: Formula;
  /** Factors of noise: xi's name → formula. */
  readonly noise: ReadonlyMap<string, Formula>;
  /** 0 while refractory. */
  readonly held: boolean;
  readonly line: number | undefined;
}

export interface Let {
  readonly name: string;
  readonly formula: Formula;
}

export interface Step {
  readonly name: string;
  readonly formula: Formula;
}

/** What an event of the port does at a step's end: state += factor · weight. */
export interface SystemPort {
  readonly name: string;
  readonly unit: Unit;
  readonly doc: string;
  readonly state: string;
  readonly factor: Formula;
}
