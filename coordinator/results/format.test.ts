import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatBytes, formatCount, formatMs, formatNumber, formatRate, formatSeconds } from './format.js';

describe('numbers for people', () => {
  it.each([
    [formatCount(0), '0'],
    [formatCount(999), '999'],
    [formatCount(1000), '1,000'],
    [formatCount(15_625_000), '15,625,000'],
    [formatNumber(0), '0'],
    [formatNumber(31.87432), '31.9'],
    [formatNumber(0.004123), '0.00412'],
    [formatNumber(0.00001), '1.00e-5'],
    [formatNumber(-2.5), '-2.5'],
    [formatNumber(264_344_035), '264,344,035'],
    [formatRate(0), '0.0'],
    [formatRate(32.03), '32.0'],
    [formatRate(4.266), '4.27'],
    [formatBytes(0), '0 B'],
    [formatBytes(999), '999 B'],
    [formatBytes(999_600), '1 MB'],
    [formatBytes(1500), '1.5 kB'],
    [formatBytes(398_000_000), '398 MB'],
    [formatBytes(2e15), '2000 TB'],
    [formatSeconds(0.4123), '0.412 s'],
    [formatSeconds(99.4), '99.4 s'],
    [formatSeconds(119.6), '2 min 0 s'],
    [formatSeconds(200), '3 min 20 s'],
    [formatSeconds(7500), '2 h 5 min'],
    [formatMs(46_100_000), '46.1'],
    [formatMs(100_000), '0.1'],
    [formatMs(1), '0.000001'],
    [formatMs(1_000_000_000), '1000'],
  ])('%s', (found, expected) => expect(found).toBe(expected));

  it('milliseconds are exact for every time on the wire', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER }), (ns) => {
        const [whole, rest = ''] = formatMs(ns).split('.');
        expect(BigInt(whole) * 1_000_000n + BigInt(rest.padEnd(6, '0'))).toBe(BigInt(ns));
        expect(rest.endsWith('0')).toBe(false);
      }),
    );
  });
});
