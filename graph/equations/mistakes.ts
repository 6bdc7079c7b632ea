import { EquationMistake } from './formula.js';

/** A mistake at a key of the model: ['equations'], ['ports', 'ex', 'tau']. */
export class ModelMistake extends Error {
  constructor(
    readonly path: readonly string[],
    message: string,
  ) {
    super(message);
  }
}

/** Runs `read`; its mistakes get the key's place. */
export function atKey<T>(path: readonly string[], read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof ModelMistake || !(error instanceof Error)) throw error;
    const line = error instanceof EquationMistake && error.line !== undefined ? `line ${error.line}: ` : '';
    throw new ModelMistake(path, `${line}${error.message}`);
  }
}

/** The mistakes of `read` get their line. */
export function atLine<T>(line: number, read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw error instanceof Error ? new EquationMistake(error.message, line) : error;
  }
}
