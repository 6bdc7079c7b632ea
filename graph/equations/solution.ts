import type { MethodInput } from './document.js';
import { type Formula, num, ref, show } from './formula.js';
import type { Rate, System } from './system.js';

export type Method = Exclude<MethodInput, 'auto'>;

/** The part of a step that takes the state from its beginning to its end, as kernel text, and the constants that it needs. */
export interface Solution {
  readonly method: Method;
  /** For people. */
  readonly description: string;
  readonly text: string;
  /** Names and values that a function computes from the formulas' values. */
  readonly tables: readonly Table[];
}

/** Constants that come out together: of the values of `inputs` (formulas of parameters), by `compute`. */
export interface Table {
  readonly inputs: readonly Formula[];
  readonly names: readonly string[];
  readonly compute: (inputs: readonly number[], dtMs: number) => readonly number[];
}

/** rkf45's hidden state variable: the length of the next part of a step. */
export const STEP_LENGTH = 'integration_step';

export const assign = (name: string, value: Formula): string => `${name} = ${show(value)};`;

export const isHeld = (system: System, rate: Rate): boolean => rate.held && system.refractory !== undefined;

/** `value` where it isn't refractory, `otherwise` where it is. */
export function unlessRefractory(held: boolean, value: Formula, otherwise: Formula): Formula {
  if (!held) return value;
  const test: Formula = { kind: 'binary', op: '>', left: ref('refractory'), right: num(0) };
  const then = otherwise;
  return { kind: 'select', test, then, otherwise: value };
}

export function count({ rates }: System): string {
  return `${rates.length} equation${rates.length === 1 ? '' : 's'}`;
}
