import type { Command } from 'commander';
import { TapeFile, type TapeHead, type TapeSpike } from '../../adapters/file/index.js';
import { writeSpikeFile } from '../../coordinator/results/index.js';
import { formatTimeNs, InputError } from '../../graph/index.js';
import type { Io } from '../io.js';

interface PlayOptions {
  readonly csv?: boolean;
  readonly sonata?: string;
  readonly realtime?: number;
}

const EXAMPLES = `
Without options it says what the recording holds. To play it into a network, place a population of spike sources on the adapter
'file' (nil adapter file --help).

Examples:
  nil play exc.niltape
  nil play exc.niltape --csv | head
  nil play exc.niltape --csv --realtime 0.5
  nil play exc.niltape --sonata exc.h5
`;

const PIECE = 1 << 16;

function factorOption(text: string): number {
  const factor = Number(text);
  if (factor > 0 && Number.isFinite(factor)) return factor;
  throw new InputError('OPTIONS', `--realtime ${text}: found no factor, expected a number above 0`);
}

export function addPlay(program: Command, io: Io): void {
  program
    .command('play')
    .summary('show a recording of channels, or convert it')
    .description("Reads a recording of 'nil record' or of the adapter 'file', and checks every frame of it.")
    .argument('<file>', 'recording')
    .option('--csv', 'print time_ms,population,neuron for each spike')
    .option(
      '--realtime <factor>',
      'print them when they happened: biological seconds for each second',
      factorOption,
    )
    .option('--sonata <file>', 'write them as a SONATA spike file (HDF5)')
    .addHelpText('after', EXAMPLES)
    .action((file: string, options: PlayOptions) => play(io, file, options));
}

async function play(io: Io, path: string, options: PlayOptions): Promise<void> {
  if (options.realtime !== undefined && options.csv !== true) {
    throw new InputError(
      'OPTIONS',
      '--realtime: found no --csv beside it, expected what is to be printed in time',
    );
  }
  const tape = new TapeFile(path);
  try {
    const head = await tape.head();
    if (options.csv === true) await print(io, tape, head, options.realtime);
    else if (options.sonata !== undefined) await convert(io, tape, head, options.sonata);
    else await tell(io, tape, head);
    if (!tape.complete) io.err.write(`${path} has no end: its recording was cut off\n`);
  } finally {
    tape.close();
  }
}

async function print(
  io: Io,
  tape: TapeFile,
  { populations }: TapeHead,
  realtime: number | undefined,
): Promise<void> {
  const started = performance.now();
  let text = 'time_ms,population,neuron\n';
  const flush = async (): Promise<void> => {
    if (!io.out.write(text)) await io.out.drained();
    text = '';
  };
  for (let spikes = await tape.next(); spikes !== undefined && !io.out.gone; spikes = await tape.next()) {
    for (const { population, neuron, stampNs } of spikes) {
      if (realtime !== undefined) {
        const waitMs = stampNs / 1e6 / realtime - (performance.now() - started);
        if (waitMs > 1) {
          await flush();
          await new Promise((resolve) => setTimeout(resolve, waitMs));
        }
      }
      text += `${stampNs / 1e6},${populations[population].name},${neuron}\n`;
      if (text.length >= PIECE) await flush();
    }
  }
  await flush();
}

async function convert(io: Io, tape: TapeFile, head: TapeHead, file: string): Promise<void> {
  const columns = head.populations.map(() => ({ stampsNs: [] as number[], neurons: [] as number[] }));
  for await (const { population, neuron, stampNs } of all(tape)) {
    columns[population].stampsNs.push(stampNs);
    columns[population].neurons.push(neuron);
  }
  writeSpikeFile(
    file,
    head.stepNs,
    head.populations.map(({ name, size }, population) => ({
      population,
      name,
      recorded: size,
      steps: Uint32Array.from(columns[population].stampsNs, (stamp) => Math.round(stamp / head.stepNs) - 1),
      neurons: Uint32Array.from(columns[population].neurons),
    })),
  );
  io.out.write(`${file}: ${columns.reduce((sum, { neurons }) => sum + neurons.length, 0)} spikes\n`);
}

async function tell(io: Io, tape: TapeFile, head: TapeHead): Promise<void> {
  const counts = head.populations.map(() => 0);
  let lastNs = head.startNs;
  for await (const { population, stampNs } of all(tape)) {
    counts[population]++;
    lastNs = stampNs;
  }
  const lines = head.populations.map(
    ({ name, size }, i) => `  ${name}: ${size} neurons, ${counts[i]} spikes\n`,
  );
  io.out.write(
    `steps of ${formatTimeNs(head.stepNs)}, last spike at ${formatTimeNs(lastNs)}\n${lines.join('')}`,
  );
}

async function* all(tape: TapeFile): AsyncGenerator<TapeSpike> {
  for (let spikes = await tape.next(); spikes !== undefined; spikes = await tape.next()) yield* spikes;
}
