import { describe, expect, test } from 'vitest';
import { timesPlan } from '../../test/support/times-plan.js';
import { type Clock, type Culprit, culprit, syncRules, type WaitFor, waitsFor } from './index.js';

describe('who waits for whom', () => {
  const rules = syncRules(
    timesPlan(3, [
      [0, 2, 5],
      [1, 2, 0],
      [2, 0, 5],
    ]),
    2,
    1,
  );

  test('the most binding channel comes first', () => {
    const clock: Clock = { nowNs: 800, promisesNs: [400, 300], creditsNs: [850] };
    expect(waitsFor(rules, clock)).toEqual([
      { reason: 'horizon', federate: 1, untilNs: 300, needsNs: 900 },
      { reason: 'credit', federate: 0, untilNs: 850, needsNs: 900 },
    ]);
  });

  test('a federate that is done waits only for the rest to come', () => {
    const clock: Clock = { nowNs: 20_000, promisesNs: [19_900, 20_000], creditsNs: [0] };
    expect(waitsFor(rules, clock)).toEqual([
      { reason: 'drain', federate: 0, untilNs: 19_900, needsNs: 20_000 },
    ]);
  });

  const wait = (federate: number): WaitFor => ({ reason: 'horizon', federate, untilNs: 0, needsNs: 1 });
  type Case = readonly [string, readonly (readonly [number, readonly WaitFor[]])[], Culprit | undefined];
  test.each<Case>([
    [
      'nobody waits',
      [
        [0, []],
        [1, []],
      ],
      undefined,
    ],
    [
      'a chain ends at who computes',
      [
        [0, [wait(1)]],
        [1, [wait(2)]],
        [2, []],
      ],
      { kind: 'slow', federates: [2] },
    ],
    [
      'one that never reported',
      [
        [0, [wait(3)]],
        [1, [wait(0)]],
      ],
      { kind: 'slow', federates: [3] },
    ],
    [
      'who is not waited for is not to blame',
      [
        [0, [wait(1)]],
        [1, []],
        [2, []],
      ],
      { kind: 'slow', federates: [1] },
    ],
    [
      'a circle',
      [
        [0, [wait(1)]],
        [1, [wait(2)]],
        [2, [wait(1)]],
      ],
      { kind: 'cycle', federates: [1, 2] },
    ],
  ])('%s', (_, entries, expected) => {
    expect(culprit(new Map(entries))).toEqual(expected);
  });
});
