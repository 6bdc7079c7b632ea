/** Entry of a federate's worker thread: starts the threads that help it, and loads what it does itself while they load. */
import { workerData } from 'node:worker_threads';
import { startHelpersEarly } from '../../nodes/threads/early.js';
import type { ThreadInput } from './thread-protocol.js';

const { assignment } = workerData as ThreadInput;
startHelpersEarly(assignment.threads - 1);
await import('./thread.js');
