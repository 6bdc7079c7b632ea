import type { PortInput } from './document.js';
import { call, divide, type Formula, multiply, num, subtract } from './formula.js';

export const COMMON_KEYS: readonly string[] = ['kind', 'doc', 'negative'];
const CURRENT_KEYS = ['unit', 'reversal', 'variable'];
export const PORT_KEYS: Readonly<Record<PortInput['kind'], readonly string[]>> = {
  delta: ['into'],
  exponential: ['tau', ...CURRENT_KEYS],
  alpha: ['tau', ...CURRENT_KEYS],
  beta: ['tau_rise', 'tau_decay', ...CURRENT_KEYS],
};

/** The state variable that a port makes. */
export function variableOf(port: string, { kind, variable, reversal }: PortInput): string | undefined {
  if (kind === 'delta') return undefined;
  return variable ?? `${reversal === undefined ? 'I' : 'g'}_${port}`;
}

/** What the rate of growth jumps by, so that a beta function's peak is 1: NEST's beta_normalization_factor. */
export function betaPeak(rise: Formula, fall: Formula): Formula {
  const difference = subtract(fall, rise);
  const peak = divide(multiply(multiply(fall, rise), call('log', divide(fall, rise))), difference);
  const minus = (f: Formula): Formula => ({ kind: 'unary', op: '-', arg: f });
  const size = subtract(call('exp', divide(minus(peak), fall)), call('exp', divide(minus(peak), rise)));
  const factor = divide(subtract(divide(num(1), rise), divide(num(1), fall)), size);
  const test: Formula = { kind: 'binary', op: '==', left: rise, right: fall };
  const then = divide(num(Math.E), rise);
  return { kind: 'select', test, then, otherwise: factor };
}
