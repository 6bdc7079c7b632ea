/**
 * Entry of a worker that another process started for one run: it lives no longer than that process, whichever way it ends.
 */
import { startWorker, type WorkerOptions, type WorkerProcess } from './worker.js';

/** First its options, which aren't arguments because there are secrets in them. */
export type ToWorkerProcess = 'close' | { readonly options: WorkerOptions };

let worker: WorkerProcess | undefined;

// A terminal sends Ctrl-C to every process in it; the parent decides what it means.
process.on('SIGINT', () => {});
process.on('disconnect', () => process.exit(0));
process.on('message', (message: ToWorkerProcess) => {
  if (message !== 'close') serve(message.options);
  else if (worker === undefined) process.exit(0);
  else void worker.close();
});

function serve(options: WorkerOptions): void {
  worker = startWorker(options);
  worker.closed.then(
    () => process.exit(0),
    (error: Error) => {
      process.stderr.write(`${error.message}\n`);
      process.exit(1);
    },
  );
}
