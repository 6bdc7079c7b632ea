import type { Plan } from '../../graph/plan.js';
import { windowCadence } from './cadence.js';

/**
 * The conservative rule of time (Chandy and Misra 1979, Bryant 1977), in integer nanoseconds, as functions over plain data. A
 * federate's clock is the time up to which it has completed its steps.
 */

export interface SyncIn {
  readonly from: number;
  /** Of the channel, floored to the windows of this federate where it is at least one window (see `syncRules`). */
  readonly lookaheadNs: number;
}

/** What a federate needs to know of the plan to keep time. In- and out-channels in the plan's order. */
export interface SyncRules {
  readonly dtNs: number;
  readonly endNs: number;
  /** Windows end at multiples of this many steps, and at the run's end. */
  readonly windowSteps: number;
  readonly ins: readonly SyncIn[];
  readonly outs: readonly { readonly to: number }[];
}

/**
 * A lookahead of at least one window is used in whole windows only: then every horizon that comes from a promise at a window's end
 * is a window's end too, and no window is cut into two messages. It gives away less than a window and never liveness, since no
 * lookahead above 0 becomes 0.
 *
 * @param windowSteps longest window, instead of what suits the plan's lookaheads (`windowCadence`)
 */
export function syncRules(plan: Plan, federate: number, windowSteps?: number): SyncRules {
  const cadence = windowCadence(plan)[federate];
  const steps = windowSteps === undefined ? cadence : Math.max(1, Math.floor(windowSteps));
  const windowNs = steps * plan.dtNs;
  return {
    dtNs: plan.dtNs,
    endNs: Math.floor(plan.durationNs / plan.dtNs) * plan.dtNs,
    windowSteps: steps,
    ins: plan.channels
      .filter((c) => c.to === federate)
      .map((c) => ({
        from: c.from,
        lookaheadNs: c.lookaheadNs >= windowNs ? c.lookaheadNs - (c.lookaheadNs % windowNs) : c.lookaheadNs,
      })),
    outs: plan.channels.filter((c) => c.from === federate).map((c) => ({ to: c.to })),
  };
}

/**
 * The time up to which a federate may safely advance: every event that acts at or before it is known. Infinity without
 * in-channels. Both arrays have one element for each in-channel.
 */
export function horizonNs(promisesNs: ArrayLike<number>, lookaheadsNs: ArrayLike<number>): number {
  let horizon = Infinity;
  for (let i = 0; i < promisesNs.length; i++) {
    const t = promisesNs[i] + lookaheadsNs[i];
    if (t < horizon) horizon = t;
  }
  return horizon;
}

/** Where a federate stands. */
export interface Clock {
  /** Steps up to this time are completed, and so is the federate's own promise on its out-channels. */
  readonly nowNs: number;
  /** The largest `endNs` received on each in-channel; 0 at the start: nothing is ever stamped at or before 0. */
  readonly promisesNs: ArrayLike<number>;
  /** The largest `endNs` that each out-channel takes now. */
  readonly creditsNs: ArrayLike<number>;
  /** No window goes beyond: something has to be done at this time. */
  readonly stopNs?: number;
}

/**
 * How many steps may run now, as one window: to the next multiple of `rules.windowSteps`, and never past the horizon, a
 * receiver's credit, `stopNs`, the engine's `maxWindowSteps`, the run's end. 0 means wait (or done).
 */
export function windowSteps(rules: SyncRules, clock: Clock, maxWindowSteps: number): number {
  let limitNs = Math.min(rules.endNs, clock.stopNs ?? Infinity);
  for (let i = 0; i < rules.ins.length; i++) {
    limitNs = Math.min(limitNs, clock.promisesNs[i] + rules.ins[i].lookaheadNs);
  }
  for (let i = 0; i < rules.outs.length; i++) limitNs = Math.min(limitNs, clock.creditsNs[i]);
  const now = Math.round(clock.nowNs / rules.dtNs);
  const limit = Math.floor(limitNs / rules.dtNs);
  const boundary = (Math.floor(now / rules.windowSteps) + 1) * rules.windowSteps;
  return Math.max(0, Math.min(limit, boundary, now + maxWindowSteps) - now);
}

/**
 * The latest stamp whose events an engine at `nowNs` can take: beyond it their buffers aren't free yet. A batch that ends later is
 * delivered up to here and the rest later, and is released when all of it is. Every receiver must deliver up to here
 * whenever it can, also while it waits: else two that wait for each other's credit might wait for ever.
 */
export function deliverLimitNs(rules: SyncRules, nowNs: number, maxWindowSteps: number): number {
  return nowNs + maxWindowSteps * rules.dtNs;
}
