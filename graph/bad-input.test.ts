import { expect, it } from 'vitest';
import { type Case, checkOne, GOOD, itRefuses, problem } from '../test/support/bad-graph.js';
import { parseGraph } from './file.js';

const head: readonly Case[] = [
  ['no version', 'nil: 1\n', '', 'bad.nil.yaml: nil: found nothing, expected 1 (the version of the format)'],
  ['another version', 'nil: 1', 'nil: 2', '1: nil: found 2, expected 1'],
  [
    'a misspelt section',
    'stimuli:',
    'stimulus:',
    '15: stimulus: found an unknown key, expected one of nil, name',
  ],
  ['name is a number', 'name: small', 'name: 7', '2: name: found 7, expected text'],
  [
    'dt without unit',
    'dt: 0.1 ms',
    'dt: 0.1',
    '3: defaults.dt: found 0.1 (the unit is missing), expected a time',
  ],
  [
    'dt is a voltage',
    'dt: 0.1 ms',
    'dt: 0.1 mV',
    "3: defaults.dt: found '0.1 mV' (a voltage), expected a time",
  ],
  ['dt is zero', 'dt: 0.1 ms', 'dt: 0 ms', '3: defaults.dt: found 0 ns, expected a time above 0'],
  ['dt below a nanosecond', 'dt: 0.1 ms', 'dt: 0.1 ns', 'expected a whole number of nanoseconds'],
  ['duration is negative', 'duration: 100 ms', 'duration: -1 ms', '3: defaults.duration: found -1000000 ns'],
  ['seed is negative', 'seed: 1', 'seed: -1', '3: defaults.seed: found -1, expected a whole number from 0'],
  [
    'seed is beyond 2^53',
    'seed: 1',
    'seed: 9007199254740993',
    'defaults.seed: found 9007199254740992, expected',
  ],
];

it('the good graph is good', () => {
  expect(parseGraph(GOOD, 'good.nil.yaml').projections).toHaveLength(2);
});

itRefuses('head', head);

it('a placement that is said twice', () => {
  const text = GOOD.replace('    size: 10\n', '    size: 10\n    placement: a\n').replace(
    'stimuli:',
    'placement: {exc: b}\nstimuli:',
  );
  checkOne(
    problem(() => parseGraph(text, 'bad.nil.yaml')),
    "9: populations.exc.placement: found 'a', expected 'b' as under placement",
  );
});

it('a misspelt key beats the missing one, with the nearest suggested', () => {
  const text = GOOD.replace('delay: 1.5 ms', 'delya: 1.5 ms');
  checkOne(
    problem(() => parseGraph(text, 'bad.nil.yaml')),
    "(did you mean 'delay'?)",
  );
});
