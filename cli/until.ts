import { interruptible } from './interrupt.js';
import type { Io } from './io.js';

/** Resolves at Ctrl-C, or when `other` does. */
export async function untilInterrupted(io: Io, other: Promise<void> = new Promise(() => {})): Promise<void> {
  const { signal } = interruptible(io);
  const interrupted = new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()));
  await Promise.race([interrupted, other]);
}
