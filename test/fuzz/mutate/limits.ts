import type { Random } from '../random.js';

const TWO = 2n;

/** Where integers of 8, 16, 32 and 64 bits, and doubles as integers, end; and what decoders like to divide, multiply and allocate by. */
export const INTEGERS: readonly bigint[] = [
  ...[0n, 1n, 2n, 3n, 4n, 7n, 8n, 9n, 10n, 16n, 64n, 100n, 1000n, 65_537n, 1_000_000n, 100_000_000n],
  ...[7n, 8n, 15n, 16n, 20n, 24n, 28n, 30n, 31n, 32n, 33n, 40n, 48n, 52n, 53n, 54n, 62n, 63n, 64n].flatMap(
    (bits) => [TWO ** bits - 1n, TWO ** bits, TWO ** bits + 1n],
  ),
  ...[-1n, -2n, -8n, -(TWO ** 31n), -(TWO ** 53n), -(TWO ** 63n)],
];

export const DOUBLES: readonly number[] = [
  ...[0, -0, 1, -1, 0.5, 1e-9, 1e-300, 5e-324, 1e15, 1e16, 1e22, 1e300, Number.MAX_VALUE],
  ...[
    2 ** 31,
    2 ** 32,
    2 ** 53,
    2 ** 53 + 2,
    2 ** 63,
    Number.NaN,
    Number.POSITIVE_INFINITY,
    Number.NEGATIVE_INFINITY,
  ],
];

/** As people write them. */
export const NUMERALS: readonly string[] = [
  ...[
    '0',
    '1',
    '-1',
    '2',
    '3',
    '1.5',
    '-0',
    '+1',
    '.5',
    '5.',
    '1e3',
    '1e9',
    '1e15',
    '1e16',
    '1e308',
    '1e309',
    '-1e400',
    '1e-400',
  ],
  ...[
    '2147483647',
    '2147483648',
    '4294967295',
    '4294967296',
    '9007199254740991',
    '9007199254740993',
    '18446744073709551616',
  ],
  ...[
    '0x10',
    '0o17',
    '0b1',
    '1_000',
    '1,000',
    'NaN',
    'Infinity',
    '-Infinity',
    '.inf',
    '.nan',
    'nan',
    'inf',
    '1e9999',
    '٣',
    '1n',
    '007',
  ],
];

export function anInteger(random: Random): bigint {
  return random.pick(INTEGERS) + (random.chance(0.2) ? BigInt(random.below(7)) - 3n : 0n);
}
