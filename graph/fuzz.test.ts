import fc from 'fast-check';
import { expect, it } from 'vitest';
import { parse } from 'yaml';
import { InputError } from './errors.js';
import { parseGraph } from './file.js';

const GOOD = `nil: 1
name: small
description: all there is
metadata: {a: b}
defaults: {dt: 0.1 ms, duration: 100 ms, seed: 1}
placement: {exc: board}
populations:
  input: {model: spike_source, size: 4}
  exc:
    model: iaf_psc_exp
    size: 4
    params: {tau_m: 20 ms, C_m: [1 pF, 2 pF, 3 pF, 4 pF], t_ref: {uniform: {low: 1 ms, high: 2 ms}}}
    initial: {V_m: {normal: {mean: -65 mV, std: 1 mV, max: -55 mV}}}
  img: {model: nir_if, shape: [1, 4, 4]}
  out: {model: nir_if, shape: [1, 2, 2]}
projections:
  - {source: input, target: exc, rule: all_to_all, weight: 10 pA, delay: 1.5 ms}
  - {name: rec, source: exc, target: exc, rule: fixed_indegree, indegree: 3, weight: 5 pA, delay: {values: [1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1], unit: ms}}
  - {source: input, target: exc, pairs: {sources: [0, 1], targets: [1, 2]}, weight: {lognormal: {mu: 1, sigma: 1, unit: pA}}, delay: 1 ms}
  - {source: input, target: out, dense: {matrix: [[1, 0, 0, 0], [1, 0, 0, 0], [1, 0, 0, 0], [1, 0, 0, 0]]}, delay: 1 ms}
  - {source: img, target: out, conv2d: {kernel: [[[[1, 2], [3, 4]]]], stride: [2, 2], padding: 0, dilation: 1, groups: 1}, delay: 1 ms}
stimuli:
  - {kind: spikes, target: input, times: [1 ms, 2 ms], neurons: [0, 3], values: [1, 2]}
  - {kind: poisson, target: exc, rate: 8 Hz, weight: 1 pA, delay: 1 ms, start: 1 ms, stop: 2 ms}
  - {kind: step_current, target: exc, times: [0 ms], amplitudes: [1 pA], range: [0, 1]}
  - {kind: noise_current, target: exc, mean: 0 pA, std: 1 pA, interval: 1 ms}
recordings:
  - {kind: state, population: exc, variables: [V_m], every: 1 ms}
  - {kind: spikes, population: exc, range: [0, 2]}
`;

type Json = Record<string, unknown> | unknown[];

/** Every place of a document that holds something. */
function places(value: unknown, path: readonly string[] = []): (readonly string[])[] {
  const inner =
    typeof value === 'object' && value !== null
      ? Object.entries(value).flatMap(([key, child]) => places(child, [...path, key]))
      : [];
  return path.length === 0 ? inner : [path, ...inner];
}

const ALL = places(parse(GOOD));

function mutate(path: readonly string[], change: { readonly value: unknown } | 'delete'): unknown {
  const document = parse(GOOD) as Json;
  let parent = document as Record<string, unknown>;
  for (const key of path.slice(0, -1)) parent = parent[key] as Record<string, unknown>;
  const last = path[path.length - 1];
  if (change !== 'delete') parent[last] = change.value;
  else if (Array.isArray(parent)) parent.splice(Number(last), 1);
  else delete parent[last];
  return document;
}

const odd = fc.oneof(
  fc.constantFrom('', '1', '1 mV', '1 ms', '-1 ms', '1e400 pA', 'exc', 'toString', 'input', '0 ms', 'same'),
  fc.constantFrom(0, -1, 0.5, 1e10, 1e308, 2 ** 53, true, null),
  fc.jsonValue({ maxDepth: 3 }),
);
const change = fc.oneof(
  { weight: 1, arbitrary: fc.constant('delete' as const) },
  { weight: 4, arbitrary: fc.record({ value: odd }) },
);

it('whatever is wrong with a document is one line of an InputError', () => {
  expect(parseGraph(GOOD, 'good.nil.yaml').projections).toHaveLength(5);
  let refused = 0;
  fc.assert(
    fc.property(fc.constantFrom(...ALL), change, (path, what) => {
      const text = JSON.stringify(mutate(path, what));
      try {
        parseGraph(text, 'fuzz.json');
      } catch (error) {
        refused++;
        if (!(error instanceof InputError)) throw error;
        expect(error.message).toMatch(/^fuzz\.json[^\n]+$/);
      }
    }),
    { numRuns: 600 },
  );
  expect(refused).toBeGreaterThan(300);
});
