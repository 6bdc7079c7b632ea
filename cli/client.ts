/** What the commands that talk to a coordinator share. */
import { type Client, connectClient, type RunStatus } from '../coordinator/index.js';
import { RunError } from '../graph/index.js';
import { accessOf } from './access.js';
import { interruptible } from './interrupt.js';
import type { Io } from './io.js';
import type { ClientOptions, OutputOptions } from './options.js';
import { makeProgress } from './progress.js';

/** For a coordinator that may be starting, and for one that was there and is started again. */
const FIRST_MS = 2000;
const LATER_MS = 60_000;

export async function withClient<T>(
  io: Io,
  options: ClientOptions,
  use: (client: Client) => Promise<T>,
): Promise<T> {
  const client = connectClient(options.coordinator, accessOf(options), {
    firstMs: FIRST_MS,
    laterMs: LATER_MS,
    onAway: (forMs) => {
      io.err.write(`coordinator ${options.coordinator} is away, trying for ${forMs / 1000} s\n`);
    },
  });
  try {
    return await use(client);
  } finally {
    client.close();
  }
}

/** Shows the progress of a run until it is over. Ctrl-C leaves the run alone and returns its last known status. */
export async function follow(
  io: Io,
  client: Client,
  runId: string,
  options: OutputOptions,
): Promise<RunStatus> {
  const progress = makeProgress(io, options);
  const interrupt = interruptible(io);
  let last: RunStatus | undefined;
  try {
    for await (const status of client.watch(runId, interrupt.signal)) {
      last = status;
      progress.show(status);
    }
  } finally {
    progress.end();
    interrupt.end();
  }
  if (last === undefined)
    throw new RunError('WATCH_ENDED', `run ${runId}: the coordinator said nothing of it`);
  return last;
}
