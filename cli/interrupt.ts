import type { Io } from './io.js';

/**
 * Ctrl-C: the first one asks for a clean end, the second ends the process at once.
 * @param asked Told after the first, before anything else happens.
 */
export function interruptible(
  io: Io,
  asked: () => void = () => {},
): { readonly signal: AbortSignal; end(): void } {
  const abort = new AbortController();
  const off = io.onInterrupt(() => {
    if (abort.signal.aborted) {
      io.exit(130);
      return;
    }
    asked();
    abort.abort();
  });
  return { signal: abort.signal, end: off };
}
