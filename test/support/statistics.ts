import { logFactorial } from '../../nodes/random/discrete.js';

/**
 * Pearson's statistic of counts against probabilities as a standard normal deviate (Wilson–Hilferty); outcomes are pooled
 * from the left until each pool expects at least 10. For tests with fixed seeds: far above 5 means a wrong distribution.
 */
export function chiSquareDeviate(counts: readonly number[], probabilities: readonly number[]): number {
  const draws = counts.reduce((a, b) => a + b, 0);
  let statistic = 0;
  let pools = 0;
  let seen = 0;
  let expected = 0;
  let left = 1;
  for (let i = 0; i < probabilities.length; i++) {
    seen += counts[i] ?? 0;
    expected += draws * probabilities[i];
    left -= probabilities[i];
    if (expected < 10 || draws * left < 10) continue;
    statistic += (seen - expected) ** 2 / expected;
    pools++;
    seen = 0;
    expected = 0;
  }
  const restSeen = seen + counts.slice(probabilities.length).reduce((a, b) => a + b, 0);
  const restExpected = expected + draws * Math.max(0, left);
  if (restExpected > 0) {
    statistic += (restSeen - restExpected) ** 2 / restExpected;
    pools++;
  }
  const freedom = pools - 1;
  if (freedom < 1) throw new RangeError('too few draws for a chi-square test');
  return ((statistic / freedom) ** (1 / 3) - (1 - 2 / (9 * freedom))) / Math.sqrt(2 / (9 * freedom));
}

export function histogram(values: Iterable<number>): number[] {
  const counts: number[] = [];
  for (const value of values) {
    while (counts.length <= value) counts.push(0);
    counts[value]++;
  }
  return counts;
}

export function binomialProbabilities(n: number, p: number): number[] {
  return Array.from({ length: n + 1 }, (_, k) =>
    Math.exp(logChoose(n, k) + k * Math.log(p) + (n - k) * Math.log1p(-p)),
  );
}

export function hypergeometricProbabilities(good: number, bad: number, draws: number): number[] {
  return Array.from({ length: Math.min(good, draws) + 1 }, (_, k) =>
    draws - k > bad
      ? 0
      : Math.exp(logChoose(good, k) + logChoose(bad, draws - k) - logChoose(good + bad, draws)),
  );
}

export function poissonProbabilities(mean: number, length: number): number[] {
  return Array.from({ length }, (_, k) => Math.exp(k * Math.log(mean) - mean - logFactorial(k)));
}

function logChoose(n: number, k: number): number {
  return logFactorial(n) - logFactorial(k) - logFactorial(n - k);
}
