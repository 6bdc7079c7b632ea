/** Entry of a federate's worker thread. */
import { parentPort, workerData } from 'node:worker_threads';
import { type EngineSnapshot, hostFederate, type KernelBytes, PeerNewsQueue } from '../../nodes/index.js';
import { adapterEngine } from './adapter-engine.js';
import { engineFactory } from './engine-factory.js';
import { makeLink } from './link.js';
import { promised } from './promised.js';
import {
  type FromThread,
  readCommand,
  readSaveRequests,
  type ThreadInput,
  type ToThread,
  transferables,
} from './thread-protocol.js';

const port = parentPort;
if (port === null) throw new Error('thread.js is the entry of a worker thread');
const { assignment, command, ...input } = workerData as ThreadInput;
const link = makeLink(input.link, assignment);
await link.loaded;
port.postMessage('loaded' satisfies FromThread);

const { promise: started, resolve: start } = promised<'start' | 'stop'>();
const { promise: kernels, resolve: takeKernels } = promised<KernelBytes | undefined>();
const { promise: snapshots, resolve: takeSnapshots } = promised<readonly EngineSnapshot[] | undefined>();
const { promise: released, resolve: release } = promised<void>();
const news = new PeerNewsQueue();
port.on('message', (message: ToThread) => {
  if (message === 'stop') release();
  if (typeof message === 'string') start(message);
  else if ('news' in message) news.put(message.news);
  else {
    takeKernels(message.kernels);
    takeSnapshots(message.snapshots);
  }
});

await hostFederate({
  assignment,
  buildEngine: async (engine) =>
    input.adapter === undefined
      ? engineFactory(engine, await kernels)
      : adapterEngine(engine, input.adapter, assignment.pace),
  openEndpoint: () => link.open(),
  started,
  command: readCommand(command),
  snapshots: () => snapshots,
  saveRequests: readSaveRequests(command),
  news,
  report: (report) => port.postMessage(report, transferables(report)),
});
// Others may have to be sent again what this one has sent.
if (assignment.retain) await released;
await link.end();
port.close();
