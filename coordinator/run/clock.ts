/** Milliseconds since the epoch, going on steadily whatever becomes of the machine's clock. */
export const nowMs = (): number => performance.timeOrigin + performance.now();
