import { type Command, InvalidArgumentError, Option } from 'commander';
import type { BenchOption, BenchSettings } from '../../bench/index.js';
import { InputError } from '../../graph/index.js';
import type { Io } from '../io.js';
import { jsonOption, natsOption, timeOption, wholeOption } from '../options.js';

interface BenchOptions {
  readonly scale?: number;
  readonly duration?: number;
  readonly workers?: number;
  readonly threads?: number;
  readonly transport?: 'embedded' | 'nats';
  readonly nats?: string;
  readonly seed?: number;
  readonly repeats?: number;
  readonly federates?: readonly number[];
  readonly population?: number;
  readonly remote?: number;
  readonly delays?: 'exponential' | 'uniform';
  readonly json?: boolean;
  readonly quiet?: boolean;
}

/** Options of the command line by what they set. */
const FLAGS: Readonly<Record<BenchOption, string>> = {
  scale: '--scale',
  durationNs: '--duration',
  workers: '--workers',
  threads: '--threads',
  transport: '--transport',
  natsUrl: '--nats',
  seed: '--seed',
  repeats: '--repeats',
  federates: '--federates',
  population: '--population',
  remote: '--remote',
  delays: '--delays',
};

const EXAMPLES = `
Benchmarks:
  brunel        Brunel's balanced random network           --scale --duration --workers --threads --transport --seed --repeats
  microcircuit  the cortical microcircuit                  the same
  models        each model's update, interpreted, compiled --repeats
  stream        the event stream: codec, threads, NATS     --repeats
  ring          a token around a ring of federates         --federates --transport --seed --repeats
  phold         events that make events                    the same, and --population --remote --delays
  timing        steps granted around a hub                 as ring

Examples:
  nil bench brunel --threads 2 --json
  nil bench microcircuit --scale 0.1 --duration 1s
  nil bench phold --federates 8,64
`;

export function addBench(program: Command, io: Io): void {
  program
    .command('bench')
    .summary('run a benchmark')
    .description('Measures this machine and this version by one benchmark (docs/performance.md).')
    .argument('<name>', 'which one')
    .option(
      '--scale <x>',
      'size of the network, as a part or multiple of the published one (default: 1)',
      positive,
    )
    .option('--duration <time>', 'biological time (default: 1s)', timeOption)
    .option('--workers <n>', 'federates (default: 1)', wholeOption(1, 4096))
    .option('--threads <n>', 'threads of each of them (default: all cores)', wholeOption(1, 4096))
    .addOption(
      new Option('--transport <kind>', 'what federates talk over (default: embedded)').choices([
        'embedded',
        'nats',
      ]),
    )
    .option(
      '--nats <url>',
      'NATS server to use (implies --transport nats; without it one is started)',
      natsOption,
    )
    .option('--seed <n>', 'seed of all randomness (default: 1)', wholeOption(0, Number.MAX_SAFE_INTEGER))
    .option('--repeats <n>', 'runs, of which the fastest counts', wholeOption(1, 1000))
    .option('--federates <n,...>', 'numbers of federates (default: 2 to 64)', counts)
    .option('--population <n>', 'events at each federate (default: 16)', wholeOption(1, 1e6))
    .option('--remote <share>', 'events for other federates (default: 0.1)', share)
    .addOption(
      new Option('--delays <kind>', 'of events (default: exponential)').choices(['exponential', 'uniform']),
    )
    .addOption(jsonOption())
    .option('--quiet', 'no progress')
    .addHelpText('after', EXAMPLES)
    .action((name: string, options: BenchOptions) => bench(io, name, options));
}

async function bench(io: Io, name: string, options: BenchOptions): Promise<void> {
  // What benchmarks need is loaded for nobody else.
  const { BENCHES } = await import('../../bench/index.js');
  const found = BENCHES.find((each) => each.name === name);
  if (found === undefined) {
    const names = BENCHES.map((each) => each.name).join(', ');
    throw new InputError('BENCH', `bench ${name}: found no such benchmark, expected one of ${names}`);
  }
  const settings = settingsOf(options);
  const stray = (Object.keys(FLAGS) as BenchOption[]).find(
    (option) => settings[option] !== undefined && !found.options.includes(option),
  );
  if (stray !== undefined) {
    const known = found.options.map((option) => FLAGS[option]).join(', ');
    throw new InputError('BENCH', `bench ${name}: found ${FLAGS[stray]}, expected only ${known}`);
  }
  const report = await found.run(settings, (line) => {
    if (options.quiet !== true) io.err.write(`${line}\n`);
  });
  io.out.write(options.json === true ? `${JSON.stringify(report.json)}\n` : report.text);
}

function settingsOf(options: BenchOptions): BenchSettings {
  const { duration, nats, transport, json: _json, quiet: _quiet, ...rest } = options;
  return {
    ...rest,
    durationNs: duration,
    natsUrl: nats,
    transport: nats === undefined ? transport : 'nats',
  };
}

function positive(text: string): number {
  const value = Number(text);
  if (text.trim() !== '' && value > 0 && value < Number.POSITIVE_INFINITY) return value;
  throw new InvalidArgumentError(`found '${text}', expected a number above 0`);
}

function share(text: string): number {
  const value = Number(text);
  if (text.trim() !== '' && value >= 0 && value <= 1) return value;
  throw new InvalidArgumentError(`found '${text}', expected a number from 0 to 1`);
}

function counts(text: string): readonly number[] {
  return text.split(',').map((part) => {
    const value = /^\d+$/.test(part.trim()) ? Number(part) : Number.NaN;
    if (value >= 1 && value <= 1024) return value;
    throw new InvalidArgumentError(`found '${part}', expected whole numbers from 1 to 1024, as in 2,8,64`);
  });
}
