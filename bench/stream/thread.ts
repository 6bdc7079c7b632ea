/** Entry of the thread that holds the other federate. */
import { parentPort, workerData } from 'node:worker_threads';
import { exchange, type Link, type Work } from './exchange.js';

const { link, work } = workerData as { readonly link: Link; readonly work: Work };
parentPort?.postMessage(await exchange(link, 0, work));
