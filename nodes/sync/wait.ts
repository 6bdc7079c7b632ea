import type { Clock, SyncRules } from './window.js';

/** Who a federate waits for, and why. */
export interface WaitFor {
  /**
   * `horizon`: `federate` hasn't promised enough. `credit`: `federate` hasn't consumed enough. `drain`: this federate is done, and
   * takes in what `federate` still has to send.
   */
  readonly reason: 'horizon' | 'credit' | 'drain';
  /** The federate at the other end of the binding channel. */
  readonly federate: number;
  /** What it has promised (horizon, drain) or allows (credit) until now. */
  readonly untilNs: number;
  /** What it would have to promise or allow for one more step (drain: the run's end). */
  readonly needsNs: number;
}

/** Every channel that keeps this federate from its next step, the most binding first. Empty when it can run or is done. */
export function waitsFor(rules: SyncRules, clock: Clock): readonly WaitFor[] {
  const waits: WaitFor[] = [];
  const done = clock.nowNs >= rules.endNs;
  const nextNs = clock.nowNs + rules.dtNs;
  rules.ins.forEach((channel, i) => {
    const untilNs = clock.promisesNs[i];
    const needsNs = done ? rules.endNs : nextNs - channel.lookaheadNs;
    if (untilNs < needsNs) {
      waits.push({ reason: done ? 'drain' : 'horizon', federate: channel.from, untilNs, needsNs });
    }
  });
  if (!done) {
    rules.outs.forEach((channel, i) => {
      const untilNs = clock.creditsNs[i];
      if (untilNs < nextNs) waits.push({ reason: 'credit', federate: channel.to, untilNs, needsNs: nextNs });
    });
  }
  return waits.sort((a, b) => b.needsNs - b.untilNs - (a.needsNs - a.untilNs));
}

/** What stops a run, seen over all federates. */
export type Culprit =
  /** These wait for nobody although others (perhaps through others still) wait for them: they compute, hang or were never there. */
  | { readonly kind: 'slow'; readonly federates: readonly number[] }
  /** These wait for each other in a circle, each for the next one. */
  | { readonly kind: 'cycle'; readonly federates: readonly number[] };

/**
 * Follows the wait-for graph to who has to move first. `waits` has what each federate that reported waits for; one
 * without an entry hasn't reported. Undefined when nobody waits.
 */
export function culprit(waits: ReadonlyMap<number, readonly WaitFor[]>): Culprit | undefined {
  const slow = new Set<number>();
  const state = new Map<number, 'open' | 'closed'>();
  let cycle: readonly number[] | undefined;
  const visit = (federate: number, path: readonly number[]): void => {
    if (state.get(federate) === 'closed') return;
    if (state.get(federate) === 'open') {
      cycle ??= path.slice(path.indexOf(federate));
      return;
    }
    state.set(federate, 'open');
    const next = waits.get(federate) ?? [];
    if (next.length === 0 && path.length > 0) slow.add(federate);
    for (const wait of next) visit(wait.federate, [...path, federate]);
    state.set(federate, 'closed');
  };
  for (const [federate, entry] of waits) if (entry.length > 0) visit(federate, []);
  if (slow.size > 0) return { kind: 'slow', federates: [...slow].sort((a, b) => a - b) };
  return cycle === undefined ? undefined : { kind: 'cycle', federates: cycle };
}
