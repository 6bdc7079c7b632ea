import type { Mailbox } from '../channel.js';

/**
 * Where a federate of a shared thread waits for its turn. Each wait ends by news, or at the latest when its time has passed: one timer
 * for many waits, since most of them are over in microseconds.
 */
export class TurnTaker implements Mailbox {
  readonly #aborted: () => boolean;
  /** How often there was news, and how often when the owner last looked: within its turn, nobody else says anything. */
  #news = 0;
  #seen = 0;
  #wake: (() => void) | undefined;
  #timer: NodeJS.Timeout | undefined;
  /** When the wait under way has to end, and the timer will next look. */
  #endMs = Number.POSITIVE_INFINITY;
  #lookMs = Number.POSITIVE_INFINITY;

  constructor(aborted: () => boolean) {
    this.#aborted = aborted;
  }

  /** There is news for the owner. */
  ring(): void {
    this.#news++;
    const wake = this.#wake;
    if (wake === undefined) return;
    this.#wake = undefined;
    wake();
  }

  /** The owner looks at its channels. */
  looked(): void {
    this.#seen = this.#news;
  }

  wait(timeoutMs: number): Promise<void> | undefined {
    if (timeoutMs <= 0 || this.#aborted()) return undefined;
    if (this.#news === this.#seen) return this.#sleep(timeoutMs);
    this.#seen = this.#news;
    return undefined;
  }

  async #sleep(timeoutMs: number): Promise<void> {
    this.#endMs = performance.now() + timeoutMs;
    // A timer that looks later than this wait ends is replaced; one that looks earlier looks again.
    if (this.#endMs < this.#lookMs) this.#lookAt(this.#endMs);
    await new Promise<void>((resolve) => {
      this.#wake = resolve;
    });
    this.#endMs = Number.POSITIVE_INFINITY;
    this.#seen = this.#news;
  }

  #lookAt(ms: number): void {
    clearTimeout(this.#timer);
    this.#lookMs = ms;
    this.#timer = setTimeout(() => this.#look(), Math.max(0, ms - performance.now()));
  }

  #look(): void {
    this.#lookMs = Number.POSITIVE_INFINITY;
    if (this.#endMs === Number.POSITIVE_INFINITY) return;
    if (this.#endMs > performance.now()) this.#lookAt(this.#endMs);
    else this.ring();
  }
}
