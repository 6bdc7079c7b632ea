/** What `submit` and `resume` do with the run that they begin: tell its id, or with `--wait` its results. */
import { type Client, isOver } from '../coordinator/index.js';
import { prepareResults } from '../coordinator/results/index.js';
import { InputError, RunError } from '../graph/index.js';
import { follow } from './client.js';
import { tellResult } from './finish.js';
import type { Io } from './io.js';
import type { OutputOptions } from './options.js';

export interface FollowOptions extends OutputOptions {
  readonly wait?: boolean;
  readonly out?: string;
}

/** @throws InputError OPTIONS, OUT_UNUSABLE */
export function checkFollow({ wait, out }: FollowOptions): void {
  if (out !== undefined && wait !== true) {
    throw new InputError(
      'OPTIONS',
      `--out ${out}: found no --wait, expected it: results are there when the run is over`,
    );
  }
}

/** @param begin Resolves with the run's id. */
export async function followToResult(
  io: Io,
  client: Client,
  options: FollowOptions,
  begin: () => Promise<string>,
): Promise<void> {
  checkFollow(options);
  const { json, wait, out } = options;
  if (out !== undefined) prepareResults(out);
  const runId = await begin();
  if (wait !== true) {
    io.out.write(json === true ? `${JSON.stringify({ runId })}\n` : `${runId}\n`);
    return;
  }
  const status = await follow(io, client, runId, options);
  if (!isOver(status)) throw new RunError('RUN_LEFT', `run ${runId}: goes on; 'nil stop ${runId}' ends it`);
  await tellResult(io, await client.results(runId), options);
}
