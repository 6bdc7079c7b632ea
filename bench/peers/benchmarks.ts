/** Which benchmark is compared with whom, and how each side is started. */
import type { Measured } from './compare.js';

export interface Settings {
  readonly threads: number;
  /** Of the microcircuit; 1 is the published size. */
  readonly scale: number;
  /** Of ring, PHOLD and timing. */
  readonly federates: number;
  /** Biological milliseconds of the networks. */
  readonly durationMs: number;
}

export interface Benchmark {
  readonly name: string;
  readonly peer: string;
  /** Which environment runs the peer's script. */
  readonly venv: 'nest' | 'peers';
  readonly what: (settings: Settings) => string;
  readonly durationSeconds?: (settings: Settings) => number;
  /** Measured once for each number of federates that is asked for. */
  readonly ofFederates?: true;
  /** Arguments of `nil`; `--json` is added. */
  readonly ours: (settings: Settings) => readonly string[];
  /** Script in this folder and its arguments; it prints one line of JSON. */
  readonly theirs: (settings: Settings) => readonly string[];
}

const seconds = (settings: Settings): number => settings.durationMs / 1000;
const count = (n: number): string => n.toLocaleString('en-US');

function brunel(name: string, peer: string, venv: 'nest' | 'peers', script: readonly string[]): Benchmark {
  return {
    name,
    peer,
    venv,
    what: ({ durationMs, threads }) => `${count(12_500)} neurons, ${durationMs} ms, ${threads} threads`,
    durationSeconds: seconds,
    ours: ({ threads, durationMs }) => [
      'bench',
      'brunel',
      '--threads',
      `${threads}`,
      '--duration',
      `${durationMs}ms`,
    ],
    theirs: ({ threads, durationMs }) => [
      ...script,
      '--threads',
      `${threads}`,
      '--duration',
      `${durationMs}`,
    ],
  };
}

function federation(name: 'ring' | 'phold' | 'timing'): Benchmark {
  return {
    name,
    peer: 'HELICS',
    venv: 'peers',
    what: ({ federates }) => `${federates} federates`,
    ofFederates: true,
    ours: ({ federates }) => ['bench', name, '--federates', `${federates}`],
    theirs: ({ federates }) => ['helics_bench.py', '--name', name, '--federates', `${federates}`],
  };
}

export const BENCHMARKS: readonly Benchmark[] = [
  // Of NEST's static synapses with one weight, the fastest here; its `_hpc` form builds faster and needs half the memory, but is slower to run.
  brunel('brunel', 'NEST', 'nest', ['nest_brunel.py', '--synapse', 'static_synapse_hom_w']),
  brunel('brunel-compact', 'NEST, compact synapses', 'nest', [
    'nest_brunel.py',
    '--synapse',
    'static_synapse_hom_w_hpc',
  ]),
  {
    ...brunel('brunel-brian2', 'Brian2', 'peers', []),
    // Without OpenMP, which made it slower here and which it calls not yet well tested.
    theirs: ({ durationMs }) => ['brian2_brunel.py', '--threads', '0', '--duration', `${durationMs}`],
  },
  {
    name: 'hpc',
    peer: 'NEST',
    venv: 'nest',
    what: ({ scale, durationMs, threads }) =>
      `STDP, ${count(Math.round(11_250 * scale))} neurons, ${durationMs} ms, ${threads} threads`,
    durationSeconds: seconds,
    ours: ({ threads, scale, durationMs }) => [
      ...['bench', 'hpc', '--scale', `${scale}`],
      ...['--threads', `${threads}`, '--duration', `${durationMs}ms`],
    ],
    theirs: ({ threads, scale, durationMs }) => [
      ...['nest_hpc.py', '--scale', `${scale}`],
      ...['--threads', `${threads}`, '--duration', `${durationMs}`],
    ],
  },
  {
    name: 'microcircuit',
    peer: 'NEST',
    venv: 'nest',
    what: ({ scale, durationMs, threads }) => `scale ${scale}, ${durationMs} ms, ${threads} threads`,
    durationSeconds: seconds,
    ours: ({ scale, durationMs, threads }) => [
      ...['bench', 'microcircuit', '--scale', `${scale}`],
      ...['--threads', `${threads}`, '--duration', `${durationMs}ms`],
    ],
    theirs: ({ scale, durationMs, threads }) => [
      ...['nest_microcircuit.py', '--scale', `${scale}`],
      ...['--threads', `${threads}`, '--duration', `${durationMs}`],
    ],
  },
  federation('ring'),
  federation('phold'),
  federation('timing'),
];

/** What `nil bench --json` says, as far as it is compared: `summary.json`'s fields, and `grants` where there is no network. */
export interface OurReport {
  readonly wallSeconds: { readonly build: number; readonly simulate: number };
  readonly peakMemoryBytes: number;
  readonly spikeCount?: number;
  readonly synapses?: number;
  readonly synapticEvents?: number;
  readonly grants?: number;
  readonly version: string;
}

export function measuredOf(report: OurReport): Measured {
  return {
    build: report.wallSeconds.build,
    simulate: report.wallSeconds.simulate,
    peakMemoryBytes: report.peakMemoryBytes,
    spikes: report.spikeCount,
    synapses: report.synapses,
    synapticEvents: report.synapticEvents,
    grants: report.grants,
    versions: { 'nil-runtime': report.version, node: process.version },
  };
}
