import { describe, expect, it } from 'vitest';
import { InputError } from '../../graph/errors.js';
import { parseGraph } from '../../graph/file.js';

/** A graph that is right; cases change one line of it. */
export const GOOD = `nil: 1
name: small
defaults: {dt: 0.1 ms, duration: 100 ms, seed: 1}
populations:
  input: {model: spike_source, size: 4}
  exc:
    model: iaf_psc_exp
    size: 10
    params: {tau_m: 20 ms}
  img: {model: nir_if, shape: [2, 4, 4]}
  out: {model: nir_if, shape: [3, 2, 2]}
projections:
  - {source: input, target: exc, rule: all_to_all, weight: 10 pA, delay: 1.5 ms}
  - {name: rec, source: exc, target: exc, rule: fixed_indegree, indegree: 3, weight: 5 pA, delay: 1 ms}
stimuli:
  - {kind: spikes, target: input, times: [1 ms, 2 ms], neurons: [0, 3]}
recordings:
  - {kind: state, population: exc, variables: [V_m], every: 1 ms}
`;

/** [what is wrong, text to replace, replacement, the message after `FILE:`]. */
export type Case = readonly [string, string, string, string];

export function problem(run: () => unknown): InputError {
  try {
    run();
  } catch (error) {
    expect(error).toBeInstanceOf(InputError);
    return error as InputError;
  }
  throw new Error('nothing was thrown');
}

export function checkOne(error: InputError, message: string, file = 'bad.nil.yaml'): void {
  expect(error.exitStatus).toBe(2);
  expect(error.message).not.toContain('\n');
  expect(error.message.startsWith(`${file}:`)).toBe(true);
  expect(error.message).toContain(message);
}

/** Each case is one line that says what is wrong with which line. */
export function itRefuses(what: string, cases: readonly Case[]): void {
  describe(`bad graph files: ${what}`, () => {
    it.each(cases)('%s', (_name, old, replacement, message) => {
      expect(GOOD).toContain(old);
      const text = GOOD.replace(old, () => replacement);
      checkOne(
        problem(() => parseGraph(text, 'bad.nil.yaml', { memoryLimitBytes: 2 ** 28 })),
        message,
      );
    });
  });
}
