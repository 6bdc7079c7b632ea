import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';
import { runEmbedded } from '../../coordinator/index.js';
import { placedOf, readEventLog } from '../../coordinator/replay/index.js';
import { prepareResults, readSummary, summaryOf } from '../../coordinator/results/index.js';
import { RunError } from '../../graph/index.js';
import { tellResult } from '../finish.js';
import { interruptible } from '../interrupt.js';
import type { Io } from '../io.js';
import { addPlaceOptions, jsonOption, type OutputOptions, type PlaceOptions, placeOf } from '../options.js';
import { makeProgress } from '../progress.js';

interface ReplayOptions extends PlaceOptions, OutputOptions {
  readonly out?: string;
}

const EXAMPLES = `
What boards and cameras emitted is in the run's folder (events.log); everything else is computed again. Exit status 1 when the spikes
aren't the same as then.

Examples:
  nil replay out/closed-loop
  nil replay out/closed-loop --workers 4 --out out/again
`;

export function addReplay(program: Command, io: Io): void {
  const command = program
    .command('replay')
    .summary('run the software part of a run with adapters again, from its event log')
    .description(
      'Runs the software part of a run with adapters again, on any number of workers, without its devices.',
    )
    .argument('<dir>', 'folder of the run (its --out)');
  addPlaceOptions(command)
    .option('--out <dir>', 'folder for the results')
    .addOption(jsonOption())
    .option('--quiet', 'no progress and no table')
    .addHelpText('after', EXAMPLES)
    .action((dir: string, options: ReplayOptions) => replay(io, dir, options));
}

async function replay(io: Io, dir: string, options: ReplayOptions): Promise<void> {
  const log = readEventLog(dir);
  const before = existsSync(join(dir, 'summary.json')) ? readSummary(dir) : undefined;
  if (options.out !== undefined) prepareResults(options.out);
  const progress = makeProgress(io, options);
  const interrupt = interruptible(io, () => progress.end());
  try {
    const result = await runEmbedded(log.graph, log.settings, {
      ...placeOf(options),
      placed: placedOf(log),
      replay: log.logs,
      onProgress: progress.show,
      signal: interrupt.signal,
    });
    progress.end();
    await tellResult(io, result, options);
    const { digest, state } = summaryOf(result);
    if (before === undefined || before.state !== 'done' || state !== 'done') return;
    if (before.digest === digest) {
      if (options.quiet !== true) io.err.write(`the same spikes as in ${dir}: ${digest}\n`);
      return;
    }
    throw new RunError(
      'REPLAY_DIFFERS',
      `${dir}: found the digest ${digest}, expected ${before.digest} as in its summary.json`,
    );
  } finally {
    progress.end();
    interrupt.end();
  }
}
