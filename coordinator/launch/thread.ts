/** Entry of a federate's worker thread. */
import { parentPort, workerData } from 'node:worker_threads';
import { hostFederate } from '../../nodes/index.js';
import { engineFactory } from './engine-factory.js';
import { makeLink } from './link.js';
import { readCommand, type ThreadInput, type ToThread, transferables } from './thread-protocol.js';

const port = parentPort;
if (port === null) throw new Error('thread.js is the entry of a worker thread');
const { assignment, command, ...input } = workerData as ThreadInput;
const link = makeLink(input.link, assignment);

const started = new Promise<ToThread>((resolve) => port.on('message', resolve));

await hostFederate({
  assignment,
  buildEngine: engineFactory,
  openEndpoint: () => link.open(),
  started,
  command: readCommand(command),
  report: (report) => port.postMessage(report, transferables(report)),
});
await link.end();
port.close();
