/** A run's status as a stream of messages. */
import { nowMs } from '../run/clock.js';
import type { RunController } from '../run/controller.js';
import { isOver } from '../run/model.js';
import { type RunStatus, statusOf } from '../run/status.js';
import { watchRun } from '../run/watch.js';
import { statusToMessage } from './status-convert.js';

/** A status now, after changes, and the last one when the run is over. */
export async function* watched(run: RunController, signal: AbortSignal) {
  const queue: RunStatus[] = [statusOf(run.model, nowMs())];
  let wake = (): void => {};
  const end = watchRun(run, (status) => {
    // A slow reader gets the newest, and the last one.
    queue.splice(0, queue.length, status);
    wake();
  });
  const aborted = (): void => wake();
  signal.addEventListener('abort', aborted);
  try {
    for (;;) {
      const status = queue.shift();
      if (status !== undefined) {
        yield statusToMessage(status);
        if (isOver(status)) return;
      } else if (signal.aborted) return;
      else {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    }
  } finally {
    signal.removeEventListener('abort', aborted);
    end();
  }
}
