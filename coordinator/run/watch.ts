import { nowMs } from './clock.js';
import type { RunController } from './controller.js';
import { type RunStatus, statusOf } from './status.js';

const LEAST_MS = 100;

/**
 * Calls back with the status after changes, at most ten times a second, and at last when the run is over. Returns how to end that.
 */
export function watchRun(run: RunController, listener: (status: RunStatus) => void): () => void {
  let last = Number.NEGATIVE_INFINITY;
  let timer: NodeJS.Timeout | undefined;
  let ended = false;
  const tell = (): void => {
    timer = undefined;
    last = Date.now();
    listener(statusOf(run.model, nowMs()));
  };
  const off = run.onChange(() => {
    const dueMs = last + LEAST_MS - Date.now();
    if (dueMs <= 0) {
      clearTimeout(timer);
      tell();
    } else timer ??= setTimeout(tell, dueMs);
  });
  const end = (): void => {
    ended = true;
    clearTimeout(timer);
    off();
  };
  void run.over.then(() => {
    if (ended) return;
    end();
    tell();
  });
  return end;
}
