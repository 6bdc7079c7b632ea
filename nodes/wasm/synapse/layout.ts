import type { BoundProgram } from '../../../graph/synapses/bind.js';
import { tausOf } from '../../engine/plastic/decay.js';

/** What a synapse kernel reads of its group: 32-bit words, then three float64. */
export const WORDS = [
  'cells',
  'last',
  'targets',
  'weights',
  'sums',
  'heads',
  'kept',
  'stamps',
  'capacity',
  'caught',
  'firstSource',
  'rows',
  'bins',
  'firstDelay',
  'windows',
  'windowsEnd',
  'size',
  'ends',
  'touched',
  'reserved',
] as const;
export type Word = (typeof WORDS)[number];

export const QUANTUM_AT = 80;
export const INVERSE_AT = 88;
export const DT_AT = 96;
const COLUMNS_AT = 104;

/** Where each column's address is, and each table's four words: address of `low`, of `high`, length of `high`, shift. */
export function placesOf(program: BoundProgram) {
  const { source, target, own } = program;
  const columns = source.length + 2 * target.length + own.length;
  return {
    source: (j: number): number => COLUMNS_AT + 4 * j,
    target: (j: number): number => COLUMNS_AT + 4 * (source.length + j),
    own: (j: number): number => COLUMNS_AT + 4 * (source.length + target.length + j),
    soma: (j: number): number => COLUMNS_AT + 4 * (source.length + target.length + own.length + j),
    table: (j: number): number => COLUMNS_AT + 4 * columns + 16 * j,
    bytes: COLUMNS_AT + 4 * columns + 16 * tausOf(program).length,
  };
}

/** Kernels of equal keys are equal. */
export function synapseKey(program: BoundProgram, scheduled: boolean): string {
  const plain = JSON.stringify(program, (_, value) =>
    value instanceof Map ? [...value] : value instanceof Set ? [...value].sort() : value,
  );
  return `synapse ${plain} ${scheduled}`;
}
