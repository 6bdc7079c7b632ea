import type { Command } from 'commander';
import type { NodeInfo } from '../../coordinator/index.js';
import { formatBytes, formatSeconds } from '../../coordinator/results/index.js';
import { withClient } from '../client.js';
import { hasColor, type Io } from '../io.js';
import { type ClientOptions, coordinatorOption, jsonOption, type OutputOptions } from '../options.js';
import { type TextColumn, textTable } from '../text.js';

const EXAMPLES = `
Examples:
  nil nodes
  nil nodes --coordinator 10.0.0.1:7610 --json
`;

export function addNodes(program: Command, io: Io): void {
  program
    .command('nodes')
    .summary('the workers that have joined')
    .description('Lists the workers that have joined a coordinator, and what they work for.')
    .addOption(coordinatorOption())
    .addOption(jsonOption())
    .addHelpText('after', EXAMPLES)
    .action((options: ClientOptions & OutputOptions) => nodes(io, options));
}

async function nodes(io: Io, options: ClientOptions & OutputOptions): Promise<void> {
  const found = await withClient(io, options, (client) => client.nodes());
  if (options.json === true) io.out.write(`${JSON.stringify({ nodes: found })}\n`);
  else if (found.length === 0) io.out.write('no workers have joined\n');
  else io.out.write(textTable(found, COLUMNS, hasColor(io.out, io.env)));
}

const COLUMNS: readonly TextColumn<NodeInfo>[] = [
  { title: 'worker', text: ({ name }) => name },
  { title: 'host', text: ({ host }) => host },
  { title: 'pid', number: true, text: ({ pid }) => String(pid) },
  { title: 'threads', number: true, text: ({ threads }) => String(threads) },
  {
    title: 'memory',
    number: true,
    text: ({ memoryBytes }) => (memoryBytes === 0 ? '' : formatBytes(memoryBytes)),
  },
  { title: 'kinds', text: ({ kinds }) => kinds.join(' ') },
  { title: 'run', text: ({ runId }) => (runId === '' ? 'free' : runId.slice(0, 8)) },
  { title: 'silent', number: true, text: ({ silentMs }) => formatSeconds(silentMs / 1000) },
  { title: 'version', text: ({ softwareVersion }) => softwareVersion },
];
