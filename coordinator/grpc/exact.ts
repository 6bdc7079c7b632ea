import { InputError } from '../../graph/errors.js';

/**
 * A 64-bit integer of a message as a number.
 * @throws InputError MESSAGE_INVALID beyond ±2^53, where a number would be another one
 */
export function exact(value: bigint, field: string): number {
  const number = Number(value);
  if (Number.isSafeInteger(number)) return number;
  throw new InputError('MESSAGE_INVALID', `${field}: found ${value}, expected an integer within ±2^53`);
}
