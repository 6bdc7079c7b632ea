/** Keeps what a coordinator that comes back has to know of a run, before it is acted upon. */
import type { RunModel } from './model.js';
import type { KeptState } from './request.js';

export class Keeper {
  readonly #keep: ((kept: KeptState) => Promise<void>) | undefined;
  readonly #log: (line: string) => void;
  #idle: Promise<void> = Promise.resolve();

  /** @param keep Absent: nothing is kept, and all is acted upon at once. */
  constructor(keep: ((kept: KeptState) => Promise<void>) | undefined, log: (line: string) => void) {
    this.#keep = keep;
    this.#log = log;
  }

  /** Resolves when nothing is being kept. */
  get idle(): Promise<void> {
    return this.#idle;
  }

  /** One after the other. What can't be kept is acted upon all the same: the run is worth more than its coordinator's return. */
  before(kept: KeptState, act: () => void): void {
    const keep = this.#keep;
    if (keep === undefined) {
      act();
      return;
    }
    this.#idle = this.#idle
      .then(() => keep(kept))
      .catch((error: Error) => {
        this.#log(`what a coordinator after this one would need can't be kept: ${error.message}`);
      })
      .then(act);
  }
}

export function keptStateOf({ state, federates, recoveries }: RunModel, durableNs: number): KeptState {
  return {
    state: state === 'assigned' ? 'assigned' : 'running',
    incarnations: federates.map(({ incarnation }) => incarnation),
    workers: federates.map(({ worker }) => worker),
    durableNs,
    recoveries,
  };
}
