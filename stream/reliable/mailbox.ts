import type { Mailbox } from '../channel.js';
import type { ReliableReceiver } from './receiver.js';
import type { ReliableSender } from './sender.js';

const MAX_PROBE_FACTOR = 20;

/** How long a channel's other end has been silent, counted in waiting time. */
interface Silence {
  sinceMs: number;
  afterMs: number;
}

/**
 * A mailbox on the event loop. While it waits it asks the peers that nothing comes from how they stand; only time spent waiting counts,
 * since news can't come in while the thread computes.
 */
export class TurnMailbox implements Mailbox {
  readonly #ins: readonly ReliableReceiver[];
  readonly #outs: readonly ReliableSender[];
  readonly #probeMs: number;
  readonly #silence = new Map<ReliableReceiver | ReliableSender, Silence>();
  #waitedMs = 0;
  #hasNews = false;
  #wake: (() => void) | undefined;
  #isAborted = false;

  constructor(ins: readonly ReliableReceiver[], outs: readonly ReliableSender[], probeMs: number) {
    this.#ins = ins;
    this.#outs = outs;
    this.#probeMs = probeMs;
    for (const channel of [...ins, ...outs]) this.#silence.set(channel, { sinceMs: 0, afterMs: probeMs });
  }

  get isAborted(): boolean {
    return this.#isAborted;
  }

  /** Something new came on this channel: a batch to take, or credit. */
  heard(channel: ReliableReceiver | ReliableSender): void {
    const silence = this.#silence.get(channel)!;
    silence.sinceMs = this.#waitedMs;
    silence.afterMs = this.#probeMs;
    this.#news();
  }

  abort(): void {
    this.#isAborted = true;
    this.#news();
  }

  async wait(timeoutMs: number): Promise<void> {
    if (timeoutMs > 0 && !this.#hasNews && !this.#isAborted) await this.#sleep(timeoutMs);
    else await new Promise<void>((resolve) => setImmediate(resolve));
    this.#hasNews = false;
  }

  async #sleep(timeoutMs: number): Promise<void> {
    const start = performance.now();
    const waitedBefore = this.#waitedMs;
    for (let left = timeoutMs; left > 0 && !this.#hasNews; left = timeoutMs - (performance.now() - start)) {
      await this.#newsOr(Math.min(left, this.#probeMs));
      this.#waitedMs = waitedBefore + (performance.now() - start);
      if (!this.#hasNews) this.#probeTheSilent();
    }
  }

  #newsOr(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const wake = (): void => {
        clearTimeout(timer);
        this.#wake = undefined;
        resolve();
      };
      const timer = setTimeout(wake, ms);
      this.#wake = wake;
    });
  }

  #news(): void {
    this.#hasNews = true;
    this.#wake?.();
  }

  #probeTheSilent(): void {
    for (const channel of this.#ins) if (!channel.isComplete && this.#isDue(channel)) channel.probe();
    for (const channel of this.#outs) if (channel.isOutstanding && this.#isDue(channel)) channel.probe();
  }

  #isDue(channel: ReliableReceiver | ReliableSender): boolean {
    const silence = this.#silence.get(channel)!;
    if (this.#waitedMs - silence.sinceMs < silence.afterMs) return false;
    silence.sinceMs = this.#waitedMs;
    silence.afterMs = Math.min(2 * silence.afterMs, MAX_PROBE_FACTOR * this.#probeMs);
    return true;
  }
}
