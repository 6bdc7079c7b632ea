import { NilError } from '../graph/errors.js';
import type { Plan } from '../graph/plan.js';

const DEFAULT_CREDIT_STEPS = 4096;

/** Default credit of a channel: many windows, so that it binds only a sender that would run away. */
export function defaultCreditNs(plan: Plan, lookaheadNs: number): number {
  return Math.max(DEFAULT_CREDIT_STEPS * plan.dtNs, 4 * lookaheadNs);
}

/** @throws NilError CREDIT_TOO_SMALL: with less than a step, no window could ever be sent. */
export function checkCreditNs(plan: Plan, creditNs: number): number {
  if (!(creditNs >= plan.dtNs)) {
    throw new NilError(
      'CREDIT_TOO_SMALL',
      `credit of ${creditNs} ns: must be at least one step of ${plan.dtNs} ns`,
    );
  }
  return creditNs;
}
