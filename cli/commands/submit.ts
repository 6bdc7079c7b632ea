import type { Command } from 'commander';
import { addEveryOptions, type EveryOptions } from '../checkpoints.js';
import { withClient } from '../client.js';
import { checkFollow, type FollowOptions, followToResult } from '../follow.js';
import type { Io } from '../io.js';
import { loadNetwork } from '../network.js';
import {
  addNetworkOptions,
  addPlaceOptions,
  type ClientOptions,
  coordinatorOption,
  jsonOption,
  type NetworkOptions,
  type PlaceOptions,
  placeOf,
  wallMs,
} from '../options.js';
import { addRecoveryOptions, type RecoveryOptions } from '../recovery.js';

interface SubmitOptions
  extends NetworkOptions,
    PlaceOptions,
    FollowOptions,
    ClientOptions,
    EveryOptions,
    RecoveryOptions {}

const EXAMPLES = `
Prints the run's id; with --wait, what 'nil run' would print.

Examples:
  nil submit examples/brunel.nil.yaml --workers 2
  nil submit examples/brunel.nil.yaml --workers 2 --wait --out out/brunel
  nil submit net.nil.yaml --duration 1h --checkpoint-every 10s
`;

export function addSubmit(program: Command, io: Io): void {
  const command = program
    .command('submit')
    .summary('give a network to a coordinator')
    .description('Gives a network to a coordinator, which runs it on the workers that have joined.')
    .argument('<graph>', 'file of the network');
  addPlaceOptions(addNetworkOptions(command))
    .addOption(coordinatorOption())
    .option('--wait', 'follow the run and tell its results')
    .option('--out <dir>', 'folder for the results (with --wait)')
    .addOption(jsonOption())
    .option('--quiet', 'no progress and no table')
    .addHelpText('after', EXAMPLES)
    .action((graph: string, options: SubmitOptions) => submit(io, graph, options));
  addEveryOptions(command);
  addRecoveryOptions(command);
}

async function submit(io: Io, path: string, options: SubmitOptions): Promise<void> {
  checkFollow(options);
  const { checkpointEvery, checkpointEveryWall } = options;
  const { graph, settings } = await loadNetwork(path, options);
  await withClient(io, options, (client) =>
    followToResult(io, client, options, () =>
      client.submit(graph, settings, {
        ...placeOf(options),
        recovery: options.recovery,
        maxRecoveries: options.maxRecoveries,
        checkpointEveryNs: checkpointEvery,
        checkpointEveryWallMs: wallMs(checkpointEveryWall),
      }),
    ),
  );
}
