/** The command line: options by themselves, `--set`, and whole lines. */
import { InvalidArgumentError } from 'commander';
import { addressOption, natsOption, splitInput, timeOption, wholeOption } from '../../../cli/options.js';
import { InputError } from '../../../graph/errors.js';
import { applySets, splitLoadSets } from '../../../graph/settings.js';
import { nil } from '../../cli-io.js';
import { bytesOf, textOf } from '../corpus.js';
import { textMutator } from '../mutate/text.js';
import { encode, type Json, parse, treeMutator } from '../mutate/tree.js';
import { Broken, must, type Target } from '../target.js';
import { goodGraph, MEMORY_BYTES } from './samples.js';

const OPTIONS: readonly ((text: string) => unknown)[] = [
  timeOption,
  wholeOption(0, Number.MAX_SAFE_INTEGER),
  wholeOption(1, 4096),
  natsOption,
  addressOption,
  splitInput,
];

export const optionTarget: Target = {
  name: 'option',
  corpus: () =>
    [
      '1s',
      '0.1ms',
      '4',
      '9007199254740991',
      'nats://user:pw@host:4222',
      '127.0.0.1:7610',
      '[::1]:7610',
      'in=a/b.csv',
      'x.csv#2',
    ].map(bytesOf),
  mutators: [
    textMutator(['nats://', 'tls://', ':4222', '@', '::1', '[', ']', '=', '/', 'ms', 's', '-', '99999']),
  ],
  codes: ['INPUT_FILE', 'OPTION'],
  share: 0.5,
  run(bytes) {
    const text = textOf(bytes);
    for (const option of OPTIONS) {
      try {
        must(option(text) !== undefined, 'nothing from an option');
      } catch (error) {
        // Commander makes one line of it, and the exit status is 2; `argv` looks at that.
        if (!(error instanceof InvalidArgumentError) && !(error instanceof InputError)) throw error;
      }
    }
  },
};

export const setTarget: Target = {
  name: 'set',
  corpus: () =>
    [
      ...[
        'exc.tau_m=20 mV',
        'exc.tau_m=20 ms',
        'exc.initial.V_m=-58 mV',
        'rec.delay=1.5 ms',
        'rec.weight=3 pA',
        'exc.C_m=1 nF',
      ],
      ...[
        'poisson_exc.rate=20 kHz',
        'noise_current_exc.std=2 pA',
        'reset=v_reset',
        'discretisation=exact',
        'integrators=per_step',
      ],
    ].map(bytesOf),
  mutators: [
    textMutator([
      'exc',
      'input',
      'initial.',
      '.',
      '=',
      'tau_m',
      'weight',
      'delay',
      'rate',
      '20 mV',
      '1 ms',
      '__proto__',
      'constructor',
    ]),
  ],
  codes: ['SET', 'GRAPH_INVALID'],
  run(bytes) {
    const { sets } = splitLoadSets([textOf(bytes)]);
    applySets(goodGraphOnce(), sets, { memoryLimitBytes: MEMORY_BYTES });
  },
};

let graph: ReturnType<typeof goodGraph> | undefined;
function goodGraphOnce(): ReturnType<typeof goodGraph> {
  graph ??= goodGraph();
  return graph;
}

const NONE = 'no-such-file.nil.yaml';
const LINES: readonly (readonly string[])[] = [
  [
    'run',
    NONE,
    '--duration',
    '1s',
    '--dt',
    '0.1ms',
    '--seed',
    '1',
    '--workers',
    '2',
    '--threads',
    '1',
    '--json',
  ],
  [
    'run',
    NONE,
    '--transport',
    'nats',
    '--nats',
    'nats://127.0.0.1:4222',
    '--set',
    'a.b=1 mV',
    '--input',
    'x.csv',
    '--quiet',
  ],
  ['inspect', NONE, '--workers', '4', '--json'],
  ['spikes', 'no-such-folder', '--csv'],
];

/** Lines that can't do anything, since their files don't exist: whatever else they say, they end with status 2 and one line. */
export const argvTarget: Target = {
  name: 'argv',
  corpus: () => LINES.map((line) => encode([...line] as Json)),
  mutators: [
    treeMutator([
      '',
      '-',
      '--',
      '--x',
      '-1',
      '--help',
      '--json',
      '--seed',
      '-h',
      '\0',
      '\u001b[31m',
      'a\nb',
      '--workers=x',
      '=',
      '😀',
    ]),
  ],
  codes: [],
  share: 0.7,
  async run(bytes) {
    const line = parse(bytes);
    if (!Array.isArray(line)) return;
    const [first, ...rest] = line.flat(20).map((word) => String(word).replaceAll('\0', ''));
    const command = ['run', 'inspect', 'spikes'].find((name) => name === first) ?? 'inspect';
    // The only thing that could be read is a file of this name.
    const argv = [command, ...rest.map((word) => (/^[./~]/.test(word) ? `x${word}` : word))];
    const told = await nil(...argv);
    if (told.status === 0) must(/usage/i.test(told.out), `status 0 of ${JSON.stringify(argv)}`);
    else {
      must(told.status === 2, `status ${told.status} of ${JSON.stringify(argv)}: ${told.err}`);
      must(/^nil: [^\p{Cc}]+\n$/u.test(told.err), `${JSON.stringify(told.err)} for ${JSON.stringify(argv)}`);
      if (told.err.includes('internal error')) throw new Broken(`${told.err} for ${JSON.stringify(argv)}`);
    }
  },
};
