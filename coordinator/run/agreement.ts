import { NO_REQUESTS, type SaveRequests } from '../../nodes/index.js';

/**
 * Agrees with all federates of a run on a time at which each can still save (`nodes/saver.ts`): one request after the other. Pure but for
 * what it remembers.
 */
export class SaveAgreement {
  readonly #federates: number;
  readonly #endNs: number;
  readonly #dtNs: number;
  #requests: SaveRequests = NO_REQUESTS;
  /** What each federate promised not to pass, in answer to the open request. */
  readonly #promises = new Map<number, number>();

  /** @param first Requests are numbered from here on: above those of a coordinator that was there before. */
  constructor(federates: number, endNs: number, dtNs: number, first = 0) {
    this.#federates = federates;
    this.#endNs = endNs;
    this.#dtNs = dtNs;
    this.#requests = { asked: first, decided: first, atStep: 0 };
  }

  get isOpen(): boolean {
    return this.#requests.asked > this.#requests.decided;
  }

  /** What every federate has to know now. */
  get requests(): SaveRequests {
    return this.#requests;
  }

  /** Asks all, unless it is asking. `done`: federates that are at the run's end and answer no more. */
  ask(done: readonly number[]): void {
    if (this.isOpen) return;
    this.#promises.clear();
    this.#requests = { ...this.#requests, asked: this.#requests.asked + 1 };
    for (const federate of done) this.#promises.set(federate, this.#endNs);
  }

  /** A federate's answer, or that it is done. The step to save at once all have answered (0: too late for that), else undefined. */
  promised(federate: number, request: number, fromNs: number): number | undefined {
    if (!this.isOpen || request !== this.#requests.asked) return undefined;
    this.#promises.set(federate, fromNs);
    return this.#decide();
  }

  /** Drops the open request: somebody who was asked is lost. */
  abandon(): boolean {
    if (!this.isOpen) return false;
    this.#requests = { asked: this.#requests.asked, decided: this.#requests.asked, atStep: 0 };
    return true;
  }

  ended(federate: number): number | undefined {
    return this.promised(federate, this.#requests.asked, this.#endNs);
  }

  #decide(): number | undefined {
    if (this.#promises.size < this.#federates) return undefined;
    const atNs = Math.max(...this.#promises.values());
    const atStep = atNs >= this.#endNs ? 0 : Math.round(atNs / this.#dtNs);
    this.#requests = { asked: this.#requests.asked, decided: this.#requests.asked, atStep };
    return atStep;
  }
}
