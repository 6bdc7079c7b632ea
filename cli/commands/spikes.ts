import type { Command } from 'commander';
import { canonicalRuns, formatMs, readSpikes } from '../../coordinator/results/index.js';
import type { Io } from '../io.js';

const EXAMPLES = `
Lines are in canonical order: time, population (by its bytes), neuron.

Examples:
  nil spikes out/brunel | head
  nil spikes out/brunel --csv > spikes.csv
`;

const HEADER = 'time_ms,population,neuron\n';
const PIECE = 1 << 16;

export function addSpikes(program: Command, io: Io): void {
  program
    .command('spikes')
    .summary('print the recorded spikes of a run')
    .description(
      "Prints a run's recorded spikes: a header line, then time_ms,population,neuron for each spike.",
    )
    .argument('<dir>', "folder that 'nil run --out' wrote")
    .option('--csv', 'comma-separated (the only format, and the default)')
    .addHelpText('after', EXAMPLES)
    .action((dir: string) => printSpikes(io, dir));
}

async function printSpikes(io: Io, dir: string): Promise<void> {
  const { spikes, dtNs } = await readSpikes(dir);
  let text = HEADER;
  for (const { spikes: own, begin, end } of canonicalRuns(spikes)) {
    const head = `${formatMs((own.steps[begin] + 1) * dtNs)},${own.name},`;
    for (let i = begin; i < end; i++) {
      text += `${head}${own.neurons[i]}\n`;
      if (text.length < PIECE) continue;
      if (!io.out.write(text)) await io.out.drained();
      if (io.out.gone) return;
      text = '';
    }
  }
  io.out.write(text);
}
