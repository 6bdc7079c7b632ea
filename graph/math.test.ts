import { describe, expect, it } from 'vitest';
import { BITS, exact, expSeries, logSeries, mul, ONE, sequence, ulps } from '../test/support/exact.js';
import { exp, expm1, log, normalQuantile } from './math.js';

const next = sequence(20240229);
const sample = (count: number, make: (u: number) => number): number[] =>
  Array.from({ length: count }, () => make(next()));

describe('exp', () => {
  const points = [
    ...sample(60, (u) => (u - 0.5) * 1.4),
    ...sample(60, (u) => -20 * u),
    ...sample(40, (u) => (u - 0.5) * 1400),
    ...[-0.1 / 20, -0.1 / 2, -0.1 / 0.5, 1, -1, 0.34657359027997264, -0.3465735902799727, 1.0397207708399179],
    ...[709.78, -708.3, 2 ** -27, -(2 ** -29)],
  ];
  it('is within 1 ulp', () => {
    for (const x of points) {
      expect(ulps(exp(x), expSeries(exact(x))), `at ${x}`).toBeLessThan(1);
    }
  });
  it('keeps half an ulp more than subnormal rounding allows, and the edges', () => {
    expect(ulps(exp(-730.5), expSeries(exact(-730.5)))).toBeLessThanOrEqual(1);
    expect(exp(0)).toBe(1);
    expect(exp(710)).toBe(Infinity);
    expect(exp(-746)).toBe(0);
    expect(exp(-Infinity)).toBe(0);
    expect(exp(Infinity)).toBe(Infinity);
    expect(exp(Number.NaN)).toBeNaN();
  });
});

describe('expm1', () => {
  const points = [
    ...sample(60, (u) => (u - 0.5) * 0.7),
    ...sample(60, (u) => (u - 0.5) * 4),
    ...sample(30, (u) => (u - 0.5) * 90),
    ...sample(20, (u) => 60 + 640 * u),
    ...[1e-8, -1e-8, 1e-15, -0.005, -0.05, 1e-300, 13.5, 14.2],
  ];
  it('is within 1 ulp', () => {
    for (const x of points) {
      expect(ulps(expm1(x), expSeries(exact(x)) - ONE), `at ${x}`).toBeLessThan(1);
    }
  });
  it('has the right edges', () => {
    expect(expm1(0)).toBe(0);
    expect(Object.is(expm1(-0), -0)).toBe(true);
    expect(expm1(-1000)).toBe(-1);
    expect(expm1(Infinity)).toBe(Infinity);
    expect(expm1(Number.NaN)).toBeNaN();
  });
});

describe('log', () => {
  const points = [
    ...sample(50, (u) => 0.5 + u),
    ...sample(40, (u) => u),
    ...sample(30, (u) => 1 + (u - 0.5) * 1e-6),
    ...sample(30, (u) => 2 ** (u * 1400 - 700)),
    ...[0.5, 2, 10, 1 + 2 ** -52, 1 - 2 ** -53, Math.SQRT2, Math.SQRT1_2, 1e-5, 2 ** -53],
  ];
  it('is within 1 ulp', () => {
    for (const x of points) {
      expect(ulps(log(x), logSeries(exact(x), Math.log(x))), `at ${x}`).toBeLessThan(1);
    }
  });
  it('has the right edges', () => {
    expect(log(1)).toBe(0);
    expect(log(0)).toBe(-Infinity);
    expect(log(-1)).toBeNaN();
    expect(log(Infinity)).toBe(Infinity);
    expect(log(5e-324)).toBe(-744.4400719213812);
  });
});

/** Standard normal distribution function in fixed point, by the series around 0. */
function normalCdf(x: bigint): bigint {
  const square = mul(x, x);
  let term = x;
  let sum = x;
  for (let n = 3n; term > 1n || term < -1n; n += 2n) {
    term = mul(term, square) / n;
    sum += term;
  }
  // Φ(x) = 1/2 + φ(x) (x + x³/3 + x⁵/15 + …)
  return (ONE >> 1n) + mul(mul(expSeries(-square >> 1n), sum), INV_SQRT_2PI);
}

const INV_SQRT_2PI = (() => {
  // π by Machin; 1/sqrt(2π) by an integer square root.
  const arctan = (inverse: bigint): bigint => {
    let power = ONE / inverse;
    let sum = power;
    for (let n = 3n, sign = -1n; power !== 0n; n += 2n, sign = -sign) {
      power /= inverse * inverse;
      sum += (sign * power) / n;
    }
    return sum;
  };
  const pi = 4n * (4n * arctan(5n) - arctan(239n));
  let root = ONE;
  const target = (ONE << BITS) / (2n * pi);
  const value = target << BITS;
  root = 1n << (BITS + 8n);
  for (;;) {
    const better = (root + value / root) >> 1n;
    if (better >= root) return root;
    root = better;
  }
})();

describe('normalQuantile', () => {
  const points = [
    ...sample(30, (u) => 0.01 + 0.98 * u),
    ...sample(20, (u) => 2 ** (-1 - 50 * u)),
    ...[0.25, 0.001, 1e-20, 0.075, 0.925, 0.5 + 2 ** -53, 1 - 2 ** -53, 1e-12, 2 ** -64, 1e-18],
  ];
  it('inverts the distribution function', () => {
    for (const p of points) {
      const x = normalQuantile(p);
      const fixed = exact(x);
      const density = mul(expSeries(-mul(fixed, fixed) >> 1n), INV_SQRT_2PI);
      // One Newton step away from x is the true quantile, to far below double precision.
      const error = ((normalCdf(fixed) - exact(p)) << BITS) / density;
      expect(Math.abs(Number((error << 60n) / fixed)) / 2 ** 60, `at ${p}`).toBeLessThan(6e-16);
    }
  });
  it("agrees with the paper's check values and the edges", () => {
    expect(normalQuantile(0.25)).toBeCloseTo(-0.6744897501960817, 15);
    expect(normalQuantile(0.001)).toBeCloseTo(-3.090232306167814, 14);
    expect(normalQuantile(1e-20)).toBeCloseTo(-9.262340089798409, 14);
    expect(normalQuantile(0.5)).toBe(0);
    expect(normalQuantile(0)).toBe(-Infinity);
    expect(normalQuantile(1)).toBe(Infinity);
    expect(normalQuantile(-0.1)).toBeNaN();
    expect(normalQuantile(Number.NaN)).toBeNaN();
  });
});

it('uses no engine function that may differ', async () => {
  const { readFile } = await import('node:fs/promises');
  const source = await readFile(new URL('./math.ts', import.meta.url), 'utf8');
  const code = source.replace(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, '');
  expect([...code.matchAll(/Math\.(\w+)/g)].map((m) => m[1])).toEqual(['sqrt']);
});
