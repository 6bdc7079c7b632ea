import { printable } from './redact.js';

/**
 * One class for everything that goes wrong in a way a user can mend. `code` is stable (documented, greppable);
 * `exitStatus` is 2 for wrong input or command, 1 for a run that failed. The message is one line that names file,
 * place, what was found and what would be right. Secrets in it are redacted, control characters made visible.
 */
export class NilError extends Error {
  readonly code: string;
  readonly exitStatus: 1 | 2;

  constructor(
    code: string,
    message: string,
    options: { readonly exitStatus?: 1 | 2; readonly cause?: unknown } = {},
  ) {
    super(oneLine(message), options.cause === undefined ? undefined : { cause: options.cause });
    this.name = new.target.name;
    this.code = code;
    this.exitStatus = options.exitStatus ?? 1;
  }
}

/** Input (a graph, a data file, a command line) that can't be used as it is. */
export class InputError extends NilError {
  constructor(code: string, message: string, options: { readonly cause?: unknown } = {}) {
    super(code, message, { ...options, exitStatus: 2 });
  }
}

/**
 * A graph that is wrong at one place. `place` is the path inside the file as a user would say it:
 * `populations.exc.params.tau_m`, `projections[3].weight`, `node lif1 field tau`.
 */
export class GraphError extends InputError {
  readonly place: string;

  constructor(
    place: string,
    message: string,
    options: { readonly file?: string; readonly cause?: unknown } = {},
  ) {
    super(
      'GRAPH_INVALID',
      `${options.file === undefined ? '' : `${options.file}: `}${place}: ${message}`,
      options,
    );
    this.place = place;
  }
}

/** A run that started and could not finish; what was recorded is kept. */
export class RunError extends NilError {}

/** Longer ones hold what somebody sent, and say no more for it. */
const LONGEST_MESSAGE = 2000;
const MESSAGE_END = 300;

/** The beginning and the end of a long one: what would be right stands last. */
function oneLine(text: string): string {
  const lines = text.includes('\n') ? text.split('\n').map((line) => line.trim()) : [text];
  const line = printable(lines.filter((part) => part !== '').join(' '));
  if (line.length <= LONGEST_MESSAGE) return line;
  return `${line.slice(0, LONGEST_MESSAGE - MESSAGE_END - 3)} … ${line.slice(-MESSAGE_END)}`;
}
