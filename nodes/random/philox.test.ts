import { expect, test } from 'vitest';
import { mulHigh, philox } from './philox.js';
import { keyHigh, keyLow, SEED_LIMIT, Stream, words4 } from './streams.js';
import { LARGEST_UNIFORM_32, SMALLEST_UNIFORM_32, UniformSequence, uniform32, uniform52 } from './uniform.js';

/** Random123's kat_vectors, philox4x32 with 10 rounds: counter, key, output. */
const KNOWN_ANSWERS: readonly [number[], number[], number[]][] = [
  [
    [0, 0, 0, 0],
    [0, 0],
    [0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8],
  ],
  [
    [0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff],
    [0xffffffff, 0xffffffff],
    [0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd],
  ],
  [
    [0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344],
    [0xa4093822, 0x299f31d0],
    [0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1],
  ],
];

test.each(KNOWN_ANSWERS)('known answer of counter %j', (counter, key, expected) => {
  const out = new Uint32Array(4);
  philox(out, key[0], key[1], counter[0], counter[1], counter[2], counter[3]);
  expect([...out]).toEqual(expected);
});

test('mulHigh is the upper half of the product', () => {
  const words = [0, 1, 2, 0xffff, 0x10000, 0x7fffffff, 0x80000000, 0xd2511f53, 0xffffffff, 123456789];
  for (const a of words) {
    for (const b of words) expect(mulHigh(a, b)).toBe(Number((BigInt(a) * BigInt(b)) >> 32n));
  }
});

test('the key holds every bit of seed and stream', () => {
  const seed = SEED_LIMIT - 2;
  expect(keyLow(seed)).toBe(0xfffffffe);
  expect(keyHigh(seed, Stream.Delays)).toBe((0x1fffff | (Stream.Delays << 21)) >>> 0);
  const streams = Object.values(Stream);
  expect(new Set(streams).size).toBe(streams.length);
  expect(Math.max(...streams)).toBeLessThan(2048);
});

test('words4 is Philox under that key', () => {
  const expected = new Uint32Array(4);
  const actual = new Uint32Array(4);
  philox(expected, 7, keyHigh(7, Stream.Weights), 1, 2, 3, 4);
  words4(actual, 7, Stream.Weights, 1, 2, 3, 4);
  expect(actual).toEqual(expected);
});

test('uniforms stay inside (0, 1) and are symmetric', () => {
  expect(SMALLEST_UNIFORM_32).toBe(2 ** -33);
  expect(LARGEST_UNIFORM_32).toBe(1 - 2 ** -33);
  expect(uniform32(-1)).toBe(LARGEST_UNIFORM_32);
  expect(uniform52(0, 0)).toBe(2 ** -53);
  expect(uniform52(0xffffffff, 0xffffffff)).toBe(1 - 2 ** -53);
});

test('a sequence depends on its entity only', () => {
  const once = new UniformSequence(11, Stream.Split).begin(1, 2, 3);
  const first = [once.next(), once.next(), once.next()];
  once.begin(4, 5, 6).next();
  once.begin(1, 2, 3);
  expect([once.next(), once.next(), once.next()]).toEqual(first);
  expect(new Set(first).size).toBe(3);
});
