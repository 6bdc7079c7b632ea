import { describe, expect, it } from 'vitest';
import { checkOptions, type RunOptions } from './options.js';

describe('options of a run', () => {
  it.each<RunOptions>([
    {},
    { workers: 4096, threads: 4096, windowSteps: 1e9 },
    { creditNs: 1, creditBytes: 0.5, timeoutMs: 1, reportMs: 1 },
  ])('%o are fine', (options) => {
    expect(() => checkOptions(options)).not.toThrow();
  });

  it.each<[RunOptions, string]>([
    [{ workers: 0 }, 'workers: found 0, expected a whole number from 1 to 4096'],
    [{ threads: 4097 }, 'threads: found 4097, expected a whole number from 1 to 4096'],
    [{ windowSteps: 1.5 }, 'windowSteps: found 1.5, expected a whole number from 1 to 1000000000'],
    [{ creditNs: 0 }, 'creditNs: found 0, expected a number above 0'],
    [{ timeoutMs: Number.NaN }, 'timeoutMs: found NaN, expected a number above 0'],
  ])('%o: %s', (options, message) => {
    expect(() => checkOptions(options)).toThrow(message);
  });
});
