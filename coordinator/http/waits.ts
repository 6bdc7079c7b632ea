/** What federates waited for, over a run: their reports say how long they waited in all, and whom they wait for now. */
import type { WaitFor } from '../../nodes/index.js';
import type { FederateModel } from '../run/model.js';

export type WaitCause = WaitFor['reason'] | 'other';
export const WAIT_CAUSES: readonly WaitCause[] = ['horizon', 'credit', 'drain', 'other'];

export type WaitTally = Readonly<Record<WaitCause, number>>;
const NOTHING: WaitTally = { horizon: 0, credit: 0, drain: 0, other: 0 };

interface Known {
  readonly incarnation: number;
  readonly waitMs: number;
  readonly cause: WaitCause;
  readonly tally: WaitTally;
}

const UNKNOWN: Known = { incarnation: 0, waitMs: 0, cause: 'horizon', tally: NOTHING };

/** Of one run; told of its federates after every report. */
export class WaitTallies {
  readonly #known: Known[] = [];
  readonly #paced: boolean;

  /** @param paced Its federates wait for the wall clock when they wait for nobody. */
  constructor(paced = false) {
    this.#paced = paced;
  }

  take({ index, incarnation, last }: FederateModel): void {
    const known = this.#known[index] ?? UNKNOWN;
    if (last === undefined) return;
    const began = known.incarnation === incarnation ? known.waitMs : 0;
    if (began === last.waitMs && known.incarnation === incarnation && last.waits.length === 0) return;
    const cause = last.waits[0]?.reason ?? (this.#paced ? 'other' : known.cause);
    const moreMs = Math.max(0, last.waitMs - began);
    const tally = { ...known.tally, [cause]: known.tally[cause] + moreMs };
    this.#known[index] = { incarnation, waitMs: last.waitMs, cause, tally };
  }

  /** Milliseconds by cause. */
  of(index: number): WaitTally {
    return (this.#known[index] ?? UNKNOWN).tally;
  }
}
