import type { Command } from 'commander';
import { withClient } from '../client.js';
import { followToResult } from '../follow.js';
import type { Io } from '../io.js';
import {
  addWorkerOptions,
  type ClientOptions,
  coordinatorOption,
  jsonOption,
  type OutputOptions,
  type PlaceOptions,
  timeOption,
  wallMs,
} from '../options.js';

interface ResumeOptions extends PlaceOptions, OutputOptions, ClientOptions {
  readonly at?: number;
  readonly wait?: boolean;
  readonly out?: string;
}

const EXAMPLES = `
Of runs of this machine alone: nil run --resume DIR.

Examples:
  nil resume 3f2a
  nil resume 3f2a --workers 4 --wait --out out/brunel
`;

export function addResume(program: Command, io: Io): void {
  const command = program
    .command('resume')
    .summary('go on with a run that ended too early')
    .description(
      'Goes on with a run from its newest checkpoint, on the workers that have joined, under the same id.',
    )
    .argument('<run>', 'id of the run, or its first characters')
    .option('--at <time>', 'go on from the checkpoint at this time, not the newest', timeOption);
  addWorkerOptions(command)
    .addOption(coordinatorOption())
    .option('--wait', 'follow the run and tell its results')
    .option('--out <dir>', 'folder for the results (with --wait)')
    .addOption(jsonOption())
    .option('--quiet', 'no progress and no table')
    .addHelpText('after', EXAMPLES)
    .action((run: string, options: ResumeOptions) => resume(io, run, options));
}

async function resume(io: Io, run: string, options: ResumeOptions): Promise<void> {
  const { at, workers, threads, timeout } = options;
  const asked = { atNs: at, workers, threads, timeoutMs: wallMs(timeout) };
  await withClient(io, options, (client) =>
    followToResult(io, client, options, () => client.resume(run, asked)),
  );
}
