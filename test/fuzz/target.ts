import { isDeepStrictEqual } from 'node:util';
import { NilError } from '../../graph/errors.js';
import type { Mutator } from './mutate/bytes.js';

/** A reader of bytes from outside, and what must hold whatever it is given. */
export interface Target {
  readonly name: string;
  /** Whole cases to start from; good ones mostly. */
  readonly corpus: () => readonly Uint8Array[] | Promise<readonly Uint8Array[]>;
  /** One of them at a time, several times over. */
  readonly mutators: readonly Mutator[];
  /** Codes of the errors that the reader documents. */
  readonly codes: readonly string[];
  /** What it may allocate for a case of that many bytes (typed arrays; the heap has its own limit). */
  readonly ceilingBytes?: (caseBytes: number) => number;
  /** Reads the case. Resolves when it decodes and all that must hold of it holds; throws what the reader throws, else a `Broken`. */
  readonly run: (bytes: Uint8Array) => void | Promise<void>;
  /**
   * It reads what is read in a thread of its own outside of here, too: a case that has to be ended is ended there, and one after which `spoilt`
   * says so is the last of its thread. Both are as documented.
   */
  readonly isolated?: { readonly spoilt: (error: unknown) => boolean };
  /** After so many cases it goes on in a fresh thread: for libraries that leak. */
  readonly freshEvery?: number;
  /** How likely a time slice is this target's; 1 where it doesn't say. */
  readonly share?: number;
}

export const DEFAULT_CEILING = (caseBytes: number): number => 2 ** 25 + 64 * caseBytes;

/** The reader took it and shouldn't have, or gave something that can't be. */
export class Broken extends Error {
  override readonly name = 'Broken';
}

export function must(holds: boolean, what: string): asserts holds {
  if (!holds) throw new Broken(what);
}

export function mustEqual(found: unknown, expected: unknown, what: string): void {
  if (!isDeepStrictEqual(found, expected)) throw new Broken(what);
}

/** Equal but for the sign of zeros, which protobuf leaves out with the zero. */
export function mustAgree(found: unknown, expected: unknown, what: string): void {
  mustEqual(unsigned(found), unsigned(expected), what);
}

function unsigned(value: unknown): unknown {
  if (typeof value === 'number') return value + 0;
  if (Array.isArray(value)) return value.map(unsigned);
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, unsigned(inner)]));
}

/** Longest message of an error; more would flood a terminal or a log with what somebody sent. */
const LONGEST_MESSAGE = 4096;

/** What is wrong with how the reader refused, or undefined where it is as documented: its own kind of error, a stable code, one plain line. */
export function wrongRefusal(error: unknown, codes: readonly string[]): string | undefined {
  if (error instanceof Broken) return error.message;
  if (!(error instanceof NilError)) return `not a NilError: ${stackOf(error)}`;
  if (!codes.includes(error.code))
    return `code ${error.code} (${error.message}), expected ${codes.join(', ')}`;
  const { message } = error;
  if (message.trim() === '') return 'an empty message';
  if (message.length > LONGEST_MESSAGE)
    return `a message of ${message.length} characters: ${message.slice(0, 200)}`;
  const control = /[\p{Cc}\u2028\u2029]/u.exec(message);
  if (control !== null) {
    return `a control character U+${control[0].charCodeAt(0).toString(16).padStart(4, '0')} in the message ${JSON.stringify(message.slice(0, 300))}`;
  }
  return undefined;
}

function stackOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return (error.stack ?? `${error.name}: ${error.message}`).split('\n').slice(0, 8).join('\n').slice(0, 2000);
}
