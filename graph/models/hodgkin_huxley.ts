import { evaluateText } from '../equations/evaluate.js';

/** Where gates of opening rate alpha and closing rate beta rest. */
export function restingGates(
  rates: Readonly<Record<'m' | 'h' | 'n', readonly [alpha: string, beta: string]>>,
  millivolts: number,
): Record<'m' | 'h' | 'n', number> {
  const rest = ([alpha, beta]: readonly [string, string]): number => {
    const a = evaluateText(alpha, { V: millivolts });
    return a / (a + evaluateText(beta, { V: millivolts }));
  };
  return { m: rest(rates.m), h: rest(rates.h), n: rest(rates.n) };
}
