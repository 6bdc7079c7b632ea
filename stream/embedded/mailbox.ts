import type { Mailbox } from '../channel.js';

/**
 * Where a federate's thread sleeps: a counter that everybody who has news for it increments, and whether it sleeps. It looks at the
 * counter for a short while first, since waking a thread takes the system tens of microseconds.
 */
const NEWS = 0;
const SLEEPING = 1;

export function newMailbox(): SharedArrayBuffer {
  return new SharedArrayBuffer(64);
}

/** Wakes the owner of a mailbox, from any thread. */
export function ring(box: Int32Array): void {
  Atomics.add(box, NEWS, 1);
  if (Atomics.load(box, SLEEPING) === 1) Atomics.notify(box, NEWS);
}

export class SharedMailbox implements Mailbox {
  readonly #box: Int32Array;
  readonly #spinMs: number;
  readonly #turn: () => void;
  readonly #aborted: () => boolean;
  #seen = 0;

  /** @param turn moves what waits to be sent; called whenever the thread is about to wait */
  constructor(memory: SharedArrayBuffer, spinMs: number, turn: () => void, aborted: () => boolean) {
    this.#box = new Int32Array(memory);
    this.#spinMs = spinMs;
    this.#turn = turn;
    this.#aborted = aborted;
  }

  wait(timeoutMs: number): void {
    this.#turn();
    if (timeoutMs <= 0 || this.#aborted()) return;
    if (!this.#spin(Math.min(this.#spinMs, timeoutMs))) {
      Atomics.store(this.#box, SLEEPING, 1);
      Atomics.wait(this.#box, NEWS, this.#seen, timeoutMs);
      Atomics.store(this.#box, SLEEPING, 0);
    }
    // Read before the caller looks at its channels: news after this makes the next wait return at once.
    this.#seen = Atomics.load(this.#box, NEWS);
    this.#turn();
  }

  #spin(spinMs: number): boolean {
    const end = spinMs > 0 ? performance.now() + spinMs : 0;
    do {
      for (let i = 0; i < 100; i++) if (Atomics.load(this.#box, NEWS) !== this.#seen) return true;
    } while (performance.now() < end);
    return false;
  }
}
