import type { Command } from 'commander';
import { inspectPlan, partition, renderInspection } from '../../coordinator/partition/index.js';
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
    .option('--workers <n>', 'federates that it would be divided over (default: 1)', wholeOption(1, 4096));
  addNetworkOptions(command)
    .addOption(jsonOption())
    .addHelpText('after', EXAMPLES)
    .action((graph: string, options: InspectOptions) => inspect(io, graph, options));
}

async function inspect(io: Io, path: string, options: InspectOptions): Promise<void> {
  const { graph, settings } = await loadNetwork(path, options);
  const plan = partition(graph, settings, { workers: options.workers ?? 1 });
  const inspection = inspectPlan(graph, plan);
  io.out.write(options.json === true ? `${JSON.stringify(inspection)}\n` : renderInspection(inspection));
}
