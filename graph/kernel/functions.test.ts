import { describe, expect, it } from 'vitest';
import { BITS, exact, expSeries, logSeries, mul, ONE, sequence, ulps } from '../../test/support/exact.js';
import { exp, log } from '../math.js';
import { elementary } from './interpret.js';

const next = sequence(20261125);
const sample = (count: number, make: (u: number) => number): number[] =>
  Array.from({ length: count }, () => make(next()));

const functions = {
  exp: elementary('exp'),
  log: elementary('log'),
  pow: elementary('pow'),
  sin: elementary('sin'),
  cos: elementary('cos'),
  tanh: elementary('tanh'),
};

/** sin and cos by their series, without reduction: the fixed point has digits enough. */
function series(x: bigint, odd: boolean): bigint {
  const square = mul(x, x);
  let term = odd ? x : ONE;
  let sum = term;
  for (let n = odd ? 2n : 1n; term !== 0n; n += 2n) {
    term = -mul(term, square) / (n * (n + 1n));
    sum += term;
  }
  return sum;
}

const divide = (a: bigint, b: bigint): bigint => (a << BITS) / b;

describe('elementary functions of the kernel language', () => {
  it('exp and log are those of the constants, bit for bit', () => {
    const points = [
      ...sample(40_000, (u) => (u - 0.5) * 1500),
      ...sample(40_000, (u) => (u - 0.5) * 3),
      ...[
        0,
        -0,
        Number.NaN,
        Infinity,
        -Infinity,
        709.782712893384,
        -745.1332191019411,
        2 ** -28,
        -(2 ** -29),
      ],
    ];
    for (const x of points)
      if (!Object.is(functions.exp(x), exp(x))) expect([x, functions.exp(x)]).toEqual([x, exp(x)]);
    const positive = [
      ...sample(80_000, (u) => exp((u - 0.5) * 1480)),
      ...sample(20_000, (u) => 0.5 + u),
      ...[0, -0, -1, 1, Number.NaN, Infinity, 5e-324, 2 ** -1022, 1.4142112731933594],
    ];
    for (const x of positive)
      if (!Object.is(functions.log(x), log(x))) expect([x, functions.log(x)]).toEqual([x, log(x)]);
  });

  it.each([
    ['exp', 1, sample(100, (u) => (u - 0.5) * 600), (x: number) => expSeries(exact(x))],
    ['log', 1, sample(40, (u) => exp((u - 0.5) * 60)), (x: number) => logSeries(exact(x), log(x))],
    [
      'sin',
      1,
      [...sample(60, (u) => (u - 0.5) * 12), ...sample(20, (u) => (u - 0.5) * 200)],
      (x: number) => series(exact(x), true),
    ],
    [
      'cos',
      1,
      [...sample(60, (u) => (u - 0.5) * 12), ...sample(20, (u) => (u - 0.5) * 200)],
      (x: number) => series(exact(x), false),
    ],
    [
      'tanh',
      2,
      [...sample(60, (u) => (u - 0.5) * 3), ...sample(40, (u) => (u - 0.5) * 40)],
      (x: number) => {
        const e = expSeries(exact(2 * x));
        return divide(e - ONE, e + ONE);
      },
    ],
  ] as const)('%s: error below %d ulp', (name, most, points, reference) => {
    const worst = Math.max(...points.map((x) => ulps(functions[name](x), reference(x))));
    expect(worst).toBeLessThan(most);
    expect(worst).toBeGreaterThan(0.1);
  });

  it('pow: error below 2 + 2 |y ln x| ulp', () => {
    for (let i = 0; i < 60; i++) {
      const x = exp((next() - 0.5) * 8);
      const y = (next() - 0.5) * 20;
      const reference = expSeries(mul(exact(y), logSeries(exact(x), log(x))));
      expect(ulps(functions.pow(x, y), reference)).toBeLessThan(2 + 2 * Math.abs(y * log(x)));
    }
  });

  it('know what is beyond their numbers', () => {
    const { pow, tanh, sin } = functions;
    expect([pow(0, 2), pow(0, -1), pow(0, 0), pow(-2, 0.5), pow(-1, 3), pow(-1, 4), pow(1, 1e300)]).toEqual([
      0,
      Infinity,
      1,
      Number.NaN,
      -1,
      1,
      1,
    ]);
    expect([tanh(1000), tanh(-1000), tanh(0), sin(0)]).toEqual([1, -1, 0, 0]);
    expect([tanh(Number.NaN), sin(Number.NaN), sin(Infinity)]).toEqual([NaN, NaN, NaN]);
  });
});
