/** What a scenario is comes of its seed and number alone. */
import { describe, expect, it } from 'vitest';
import { KINDS } from './kinds/index.js';
import { Random } from './random.js';
import { rowsOf, tableOf } from './report.js';
import type { Outcome } from './scenario.js';

describe('scenarios', () => {
  it('are the same for the same seed, and others for another', () => {
    const texts = (seed: number): string[] =>
      KINDS.map(({ name, draw }) => draw(new Random(seed, name, 3)).text);
    expect(texts(1)).toEqual(texts(1));
    expect(texts(1)).not.toEqual(texts(2));
  });

  it('have names of their own', () => {
    expect(new Set(KINDS.map(({ name }) => name)).size).toBe(KINDS.length);
  });

  it('are told in a table by kind, with the times of those that passed', () => {
    const kind = KINDS[0].name;
    const outcome = (state: Outcome['state'], recoveryMs?: number): Outcome => ({
      kind,
      number: 0,
      seed: 1,
      text: '',
      state,
      problems: [],
      recoveryMs,
      wallMs: 1,
    });
    const rows = rowsOf(KINDS, [outcome('passed', 1000), outcome('passed', 3000), outcome('failed', 9000)]);
    expect(rows).toEqual([
      { kind, count: 3, passed: 2, failed: 1, skipped: 0, recoveryMs: { median: 2000, max: 3000 } },
    ]);
    expect(tableOf(rows).split('\n')[2]).toMatch(/\| +3 \| +2 \| +1 \| +0 \| +2\.00 \| +3\.00 \|$/);
  });
});
