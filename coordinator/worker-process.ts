/**
 * Entry of a worker that another process started for one run: it lives no longer than that process, whichever way it ends.
 */
import { startWorker, type WorkerOptions } from './worker.js';

export type ToWorkerProcess = 'close';

const worker = startWorker(JSON.parse(process.argv[2]) as WorkerOptions);

// A terminal sends Ctrl-C to every process in it; the parent decides what it means.
process.on('SIGINT', () => {});
process.on('disconnect', () => process.exit(0));
process.on('message', (message: ToWorkerProcess) => {
  if (message === 'close') void worker.close();
});
worker.closed.then(
  () => process.exit(0),
  (error: Error) => {
    process.stderr.write(`${error.message}\n`);
    process.exit(1);
  },
);
