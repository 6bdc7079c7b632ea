import { afterAll, describe, expect, test } from 'vitest';
import { type AllocationMeter, meterAllocations } from './allocation.js';
import { makeCase, runCase } from './case.js';
import { Random } from './random.js';
import { Broken, type Target } from './target.js';
import { TARGET_NAMES, targetOf } from './targets/index.js';

/** A short slice of `npm run fuzz`, the same every time. */
const CASES = 150;
const SLOW_CASES = 25;

const meter: AllocationMeter = meterAllocations();
afterAll(() => meter.restore());

describe('every reader of bytes from outside', () => {
  test.each(TARGET_NAMES)('%s', async (name) => {
    const target = await targetOf(name);
    const corpus = await target.corpus();
    let decoded = 0;
    for (const bytes of corpus) {
      const outcome = await runCase(target, bytes, meter);
      expect(outcome).toBeTypeOf('string');
      if (outcome === 'decoded') decoded++;
    }
    expect(decoded).toBeGreaterThan(0);
    const cases = target.freshEvery === undefined ? CASES : SLOW_CASES;
    for (let number = 0; number < cases; number++) {
      const outcome = await runCase(target, makeCase(target, corpus, 1, number), meter);
      if (typeof outcome !== 'string') expect.fail(`case ${number} of seed 1: ${outcome.wrong}`);
    }
  });
});

describe('the fuzzer itself', () => {
  const none = (run: Target['run']): Target => ({
    name: 'none',
    corpus: () => [],
    mutators: [],
    codes: ['CODE'],
    ceilingBytes: () => 1000,
    run,
  });
  const outcomeOf = (run: Target['run']) => runCase(none(run), new Uint8Array(1), meter);

  test('a case is the same for the same seed and number, and another for others', () => {
    const numbers = (seed: number, name: string, number: number): number[] => {
      const random = new Random(seed, name, number);
      return Array.from({ length: 4 }, () => random.uint32());
    };
    expect(numbers(1, 'a', 5)).toEqual(numbers(1, 'a', 5));
    for (const other of [numbers(2, 'a', 5), numbers(1, 'b', 5), numbers(1, 'a', 6)]) {
      expect(other).not.toEqual(numbers(1, 'a', 5));
    }
  });

  test('whatever is not a documented refusal is a failure', () => {
    expect(outcomeOf(() => {})).toBe('decoded');
    const throwing = (error: unknown) =>
      outcomeOf(() => {
        throw error;
      });
    expect(throwing(new TypeError('x is undefined'))).toMatchObject({
      wrong: expect.stringContaining('not a NilError'),
    });
    expect(throwing(new Broken('it gave nonsense'))).toMatchObject({ wrong: 'it gave nonsense' });
    expect(throwing('text')).toMatchObject({ wrong: expect.stringContaining('not a NilError') });
  });

  test('memory that is asked for is counted, even when the reader hides it', () => {
    expect(outcomeOf(() => void new Float64Array(100))).toBe('decoded');
    expect(outcomeOf(() => void new Float64Array(126))).toMatchObject({
      wrong: expect.stringContaining('1008 bytes'),
    });
    const hidden = outcomeOf(() => {
      try {
        new ArrayBuffer(2 ** 40);
      } catch {}
    });
    expect(hidden).toMatchObject({ wrong: expect.stringContaining('bytes of memory') });
    expect(outcomeOf(() => void new Uint8Array(new ArrayBuffer(900)))).toBe('decoded');
  });
});
