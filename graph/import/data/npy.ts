/** NumPy input: an array of steps × the population's shape. */
import { InputError } from '../../errors.js';
import type { Population } from '../../types.js';
import { readNpy } from '../npy.js';
import type { InputData } from './events.js';

/** @throws InputError `NPY` for what is no array of numbers, `INPUT_SHAPE` for an array that doesn't fit. */
export function readNpyInput(bytes: Uint8Array, file: string, population: Population): InputData {
  const { shape, data } = readNpy(bytes, file);
  const { name, size } = population;
  const frame = shape.slice(1);
  const fits =
    shape.length > 0 &&
    (sameShape(frame, population.shape) || sameShape(frame, [size]) || (size === 1 && frame.length === 0));
  if (!fits) {
    const expected = [
      ['steps', ...population.shape],
      ['steps', size],
    ].map((each) => `(${each.join(', ')})`);
    throw new InputError(
      'INPUT_SHAPE',
      `${file}: found shape (${shape.join(', ')}), expected ${[...new Set(expected)].join(' or ')} for '${name}'`,
    );
  }
  return { kind: 'dense', steps: shape[0], data };
}

function sameShape(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((extent, i) => extent === b[i]);
}
