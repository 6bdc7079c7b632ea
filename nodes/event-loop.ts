import type { Endpoint } from '../stream/channel.js';

/** Looks again at once for this long after it began to wait, then every millisecond. */
const EAGER_MS = 1;
/** Timers are late by about a millisecond: whoever has to be in time naps in pieces for the last part, and the event loop turns in between. */
const TIMER_MS = 1.5;
const NAP_MS = 0.2;

/**
 * The same channels for an engine whose thread's event loop has to turn (sockets, timers, other programs): waiting blocks the
 * thread for no longer than a nap. It returns whenever something may have come, so the caller looks, and waits again.
 */
export function besideEventLoop(endpoint: Endpoint): Endpoint {
  let idleSinceMs = 0;
  const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
  const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
  const cell = new Int32Array(new SharedArrayBuffer(4));
  const nap = (ms: number): Promise<void> => {
    Atomics.wait(cell, 0, 0, Math.min(NAP_MS, ms));
    return turn();
  };
  const wait = async (timeoutMs: number): Promise<void> => {
    const moved = endpoint.mailbox.wait(0);
    if (moved !== undefined) await moved;
    const nowMs = performance.now();
    // A loop that doesn't wait has just done something.
    if (timeoutMs <= 0) idleSinceMs = nowMs;
    if (timeoutMs <= 0 || endpoint.aborted()) return turn();
    const eager = nowMs - idleSinceMs < EAGER_MS || timeoutMs < TIMER_MS;
    await (eager ? nap(timeoutMs) : sleep(1));
  };
  const { ins, outs, silence, restarted, durable } = endpoint;
  return {
    ins,
    outs,
    mailbox: { wait },
    aborted: () => endpoint.aborted(),
    close: (timeoutMs) => endpoint.close(timeoutMs),
    ...(silence === undefined ? {} : { silence: silence.bind(endpoint) }),
    ...(restarted === undefined ? {} : { restarted: restarted.bind(endpoint) }),
    ...(durable === undefined ? {} : { durable: durable.bind(endpoint) }),
  };
}
