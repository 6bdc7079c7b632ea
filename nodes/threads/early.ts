/**
 * Threads that help a federate, started by its leader before it loads what it needs itself: both load at the same time then. Imports
 * nothing of ours but what finds the file.
 */
import { MessageChannel, type MessagePort, Worker } from 'node:worker_threads';
import { entryUrl } from '../../graph/entry.js';

/** A thread that loads its modules and waits for a `MemberInput` on its port. */
export interface StartedHelper {
  readonly worker: Worker;
  readonly port: MessagePort;
}

const waiting: StartedHelper[] = [];

/** Starts threads for the engine that this thread is going to build. */
export function startHelpersEarly(count: number): void {
  for (let i = 0; i < count; i++) waiting.push(start());
}

/** One that was started early, or a new one. */
export function takeHelper(): StartedHelper {
  return waiting.shift() ?? start();
}

function start(): StartedHelper {
  const { port1, port2 } = new MessageChannel();
  // thread.ts and what it loads, in few files: coordinator/launch/bundle.mjs.
  const worker = new Worker(entryUrl(import.meta.url, '../../threads/helper.js'), {
    workerData: port2,
    transferList: [port2],
  });
  worker.unref();
  return { worker, port: port1 };
}
