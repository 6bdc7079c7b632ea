import type { Command } from 'commander';
import { Option } from 'commander';
import { runEmbedded, runOverNats } from '../../coordinator/index.js';
import { prepareResults, type RunResult } from '../../coordinator/results/index.js';
import { InputError, printable } from '../../graph/index.js';
import { addNatsOptions, type NatsOptions, natsOf } from '../access.js';
import {
  addCheckpointOptions,
  type CheckpointOptions,
  type Checkpoints,
  checkTogether,
  openCheckpoints,
  placeFrom,
} from '../checkpoints.js';
import { tellResult } from '../finish.js';
import { interruptible } from '../interrupt.js';
import type { Io } from '../io.js';
import { loadNetwork, type Network } from '../network.js';
import {
  addNetworkOptions,
  addPlaceOptions,
  bytesOption,
  jsonOption,
  type NetworkOptions,
  natsOption,
  type OutputOptions,
  type PlaceOptions,
} from '../options.js';
import { makeProgress } from '../progress.js';
import {
  addRecoveryOptions,
  addWatchOptions,
  type RecoveryOptions,
  type WatchOptions,
  watchOf,
} from '../recovery.js';

interface RunOptions
  extends NetworkOptions,
    PlaceOptions,
    OutputOptions,
    NatsOptions,
    CheckpointOptions,
    RecoveryOptions,
    WatchOptions {
  readonly transport?: 'embedded' | 'nats';
  readonly out?: string;
  readonly profile?: boolean;
  readonly memory?: number;
}

const EXAMPLES = `
Without --out nothing is written: the table at the end is all. Ctrl-C ends the run and keeps what was recorded.

Examples:
  nil run examples/brunel.nil.yaml --workers 2 --out out/brunel
  nil run net.nil.yaml --duration 200ms --seed 7 --set exc.tau_m='15 ms' --json
  nil run lif.nir --dt 0.1ms --input spikes.csv --out out/lif
  nil run net.nil.yaml --workers 4 --transport nats
  nil run net.nil.yaml --duration 1h --checkpoint-every 10s --out out/long
  nil run --resume out/long --workers 4
`;

export function addRun(program: Command, io: Io): void {
  const command = program
    .command('run')
    .summary('run a network and gather its results')
    .description('Runs a network (.nil.yaml, .json or .nir) on this machine and gathers its results.')
    .argument('[graph]', 'file of the network (none with --resume)');
  addPlaceOptions(addNetworkOptions(command))
    .addOption(
      new Option(
        '--transport <kind>',
        'threads of this process, or processes over NATS (default: embedded)',
      ).choices(['embedded', 'nats']),
    )
    .option(
      '--nats <url>',
      'NATS server to use (implies --transport nats; without it one is started)',
      natsOption,
    )
    .option('--out <dir>', 'folder for spikes.h5, states.h5, summary.json and report.html')
    .option(
      '--memory <bytes>',
      "most that it may take by the estimate of 'nil inspect' (default: the limit of the control group, or what this machine has)",
      bytesOption,
    )
    .option('--profile', 'say where time went, for each worker and thread (the clock itself takes some)')
    .addOption(jsonOption())
    .option('--quiet', 'no progress and no table')
    .addHelpText('after', EXAMPLES)
    .action((graph: string | undefined, options: RunOptions) => run(io, graph, options));
  addCheckpointOptions(command);
  addRecoveryOptions(command);
  addWatchOptions(command);
  addNatsOptions(command);
}

async function run(io: Io, path: string | undefined, options: RunOptions): Promise<void> {
  const { nats } = options;
  if (nats !== undefined && options.transport === 'embedded') {
    throw new InputError('OPTIONS', `--nats ${nats}: found --transport embedded beside it, expected nats`);
  }
  const transport = nats === undefined ? (options.transport ?? 'embedded') : 'nats';
  checkTogether(options, path);
  const network = path === undefined ? undefined : await loadNetwork(path, options);
  if (options.out !== undefined) prepareResults(options.out);
  const checkpoints = await openCheckpoints(io, options);
  try {
    await runOn(io, options, transport, network, checkpoints);
  } finally {
    await checkpoints.close();
  }
}

async function runOn(
  io: Io,
  options: RunOptions,
  transport: 'embedded' | 'nats',
  network: Network | undefined,
  checkpoints: Checkpoints,
): Promise<void> {
  const { resumed, saving } = checkpoints;
  const { graph, settings } = resumed ?? (network as Network);
  const out = options.out ?? checkpoints.out;
  const access = transport === 'nats' ? natsOf(options) : {};
  const progress = makeProgress(io, options);
  const interrupt = interruptible(io, () => {
    progress.end();
    io.err.write('ending the run (again to end at once)\n');
  });
  const how = {
    ...placeFrom(options, resumed),
    profile: options.profile,
    memoryBytes: options.memory,
    onProgress: progress.show,
    signal: interrupt.signal,
    saving,
    resumed,
    recovery: options.recovery,
    maxRecoveries: options.maxRecoveries,
    ...watchOf(options),
    log: (line: string) => {
      progress.end();
      io.err.write(`${printable(line)}\n`);
    },
  };
  let result: RunResult | undefined;
  try {
    result =
      transport === 'nats'
        ? await runOverNats(graph, settings, { ...how, natsUrl: access.url, nats: access })
        : await runEmbedded(graph, settings, how);
    progress.end();
    await tellResult(io, result, { ...options, out });
    await checkpoints.drop();
  } catch (error) {
    throw checkpoints.withHint(error, result?.checkpoints?.newestNs ?? 0);
  } finally {
    progress.end();
    interrupt.end();
  }
}
