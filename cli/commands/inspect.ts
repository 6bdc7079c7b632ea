import type { Command } from 'commander';
import { machineMemory } from '../../coordinator/index.js';
import {
  inspectPlan,
  partition,
  placeAdapters,
  renderInspection,
  withSoftware,
} from '../../coordinator/partition/index.js';
import type { Io } from '../io.js';
import { loadNetwork } from '../network.js';
import {
  addNetworkOptions,
  jsonOption,
  type NetworkOptions,
  type OutputOptions,
  wholeOption,
} from '../options.js';

interface InspectOptions extends NetworkOptions, OutputOptions {
  readonly workers?: number;
  readonly lower?: boolean;
}

const EXAMPLES = `
Examples:
  nil inspect examples/brunel.nil.yaml
  nil inspect examples/brunel.nil.yaml --workers 4
  nil inspect net.nir --json
`;

export function addInspect(program: Command, io: Io): void {
  const command = program
    .command('inspect')
    .summary('what is in a network, and what it would cost')
    .description(
      'Tells what is in a network and what it would cost on N workers: neurons, synapses, memory, lookahead, cut. Builds nothing.',
    )
    .argument('<graph>', 'file of the network')
    .option('--workers <n>', 'federates that it would be divided over (default: 1)', wholeOption(1, 4096))
    .option('--lower', "changes what breaks an adapter's constraints, as 'nil run --lower' would");
  addNetworkOptions(command)
    .addOption(jsonOption())
    .addHelpText('after', EXAMPLES)
    .action((graph: string, options: InspectOptions) => inspect(io, graph, options));
}

async function inspect(io: Io, path: string, options: InspectOptions): Promise<void> {
  const network = await loadNetwork(path, options);
  const { settings } = network;
  const { graph, workers } = await placeAdapters(network.graph, settings, { lower: options.lower });
  const plan = partition(graph, settings, { workers: withSoftware(options.workers ?? 1, workers) });
  const inspection = inspectPlan(graph, plan);
  const machine = machineMemory();
  io.out.write(
    options.json === true
      ? `${JSON.stringify({ ...inspection, machineBytes: machine.bytes })}\n`
      : renderInspection(inspection, machine),
  );
}
