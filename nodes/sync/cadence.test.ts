import { describe, expect, test } from 'vitest';
import { timesPlan } from '../../test/support/times-plan.js';
import { FREE_WINDOW_STEPS, windowCadence } from './index.js';

describe('cadence', () => {
  test.each([
    [
      'two federates, lookahead both ways',
      [
        [0, 1, 15],
        [1, 0, 15],
      ],
      [15, 15],
    ],
    [
      'a lookahead of one step',
      [
        [0, 1, 1],
        [1, 0, 1],
      ],
      [1, 1],
    ],
    [
      'one way without lookahead',
      [
        [0, 1, 0],
        [1, 0, 15],
      ],
      [7, 7],
    ],
    ['nobody waits in a circle', [[0, 1, 0]], [FREE_WINDOW_STEPS, FREE_WINDOW_STEPS]],
    [
      'the tightest circle counts',
      [
        [0, 1, 100],
        [1, 0, 100],
        [1, 2, 4],
        [2, 1, 8],
      ],
      [6, 6, 6],
    ],
    [
      'a source before a circle',
      [
        [0, 1, 1],
        [1, 2, 20],
        [2, 1, 20],
      ],
      [FREE_WINDOW_STEPS, 20, 20],
    ],
  ] as const)('%s', (_, channels, expected) => {
    expect(windowCadence(timesPlan(expected.length, channels))).toEqual(expected);
  });

  test('a circle without lookahead is an error that names it', () => {
    expect(() =>
      windowCadence(
        timesPlan(3, [
          [0, 1, 5],
          [1, 2, 0],
          [2, 1, 0],
        ]),
      ),
    ).toThrow(/f1, f2: .*no lookahead/);
  });
});
