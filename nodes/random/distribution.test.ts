import { expect, test } from 'vitest';
import { drawValue, quantileOf } from './distribution.js';
import { Stream } from './streams.js';

const DRAWS = 20_000;

function moments(values: readonly number[]): { mean: number; std: number } {
  const mean = values.reduce((a, b) => a + b, 0) / values.length;
  return { mean, std: Math.sqrt(values.reduce((a, b) => a + (b - mean) ** 2, 0) / values.length) };
}

const draw = (distribution: Parameters<typeof drawValue>[0]): number[] =>
  Array.from({ length: DRAWS }, (_, i) => drawValue(distribution, 5, Stream.Parameters, 1, 2, i));

test('normal, lognormal and uniform have their moments', () => {
  const normal = moments(draw({ kind: 'normal', mean: 3, std: 2 }));
  expect(Math.abs(normal.mean - 3)).toBeLessThan(0.06);
  expect(Math.abs(normal.std - 2)).toBeLessThan(0.05);
  const logs = moments(draw({ kind: 'lognormal', mu: -1, sigma: 0.5 }).map(Math.log));
  expect(Math.abs(logs.mean + 1)).toBeLessThan(0.015);
  expect(Math.abs(logs.std - 0.5)).toBeLessThan(0.012);
  const uniform = moments(draw({ kind: 'uniform', low: -2, high: 4 }));
  expect(Math.abs(uniform.mean - 1)).toBeLessThan(0.06);
  expect(Math.abs(uniform.std - 6 / Math.sqrt(12))).toBeLessThan(0.03);
});

test('bounds clip', () => {
  const values = draw({ kind: 'normal', mean: 0, std: 1, min: -0.5, max: 0.25 });
  expect(Math.min(...values)).toBe(-0.5);
  expect(Math.max(...values)).toBe(0.25);
  expect(quantileOf({ kind: 'lognormal', mu: 0, sigma: 1, max: 2 }, 0.999)).toBe(2);
});

test('a value depends on every part of who it is', () => {
  const uniform = { kind: 'uniform', low: 0, high: 1 } as const;
  const of = (seed: number, a: number, b: number, i: number, stream: Stream = Stream.Parameters): number =>
    drawValue(uniform, seed, stream, a, b, i);
  expect(of(1, 2, 3, 4)).toBe(of(1, 2, 3, 4));
  const others = [
    of(2, 2, 3, 4),
    of(1 + 2 ** 40, 2, 3, 4),
    of(1, 3, 3, 4),
    of(1, 2, 2, 4),
    of(1, 2, 3, 5),
    of(1, 2, 3, 4, Stream.InitialState),
  ];
  expect(new Set([of(1, 2, 3, 4), ...others]).size).toBe(7);
});
