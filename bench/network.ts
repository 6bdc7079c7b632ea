import { runEmbedded, runOverNats } from '../coordinator/index.js';
import {
  formatBytes,
  formatCount,
  formatNumber,
  formatSeconds,
  type RunResult,
  summaryOf,
} from '../coordinator/results/index.js';
import { type Graph, RunError } from '../graph/index.js';
import {
  allCores,
  type Bench,
  type BenchOption,
  type BenchReport,
  type BenchSettings,
  fastest,
  machine,
} from './bench.js';
import { brunel } from './networks/brunel.js';
import { hpc } from './networks/hpc.js';
import { microcircuit } from './networks/microcircuit.js';

const OPTIONS: readonly BenchOption[] = [
  'scale',
  'durationNs',
  'workers',
  'threads',
  'transport',
  'natsUrl',
  'seed',
  'repeats',
];

export const brunelBench: Bench = {
  name: 'brunel',
  summary: "Brunel's balanced random network, 12,500 neurons",
  options: OPTIONS,
  run: (settings, note) => runNetwork('brunel', brunel, settings, note),
};

export const microcircuitBench: Bench = {
  name: 'microcircuit',
  summary: 'the cortical microcircuit of Potjans and Diesmann, 77,169 neurons and 0.3 × 10^9 synapses',
  options: OPTIONS,
  run: (settings, note) => runNetwork('microcircuit', microcircuit, settings, note),
};

export const hpcBench: Bench = {
  name: 'hpc',
  summary: "NEST's hpc_benchmark: 11,250 neurons, 0.13 × 10^9 synapses, of which 64 % learn by STDP",
  options: OPTIONS,
  run: (settings, note) => runNetwork('hpc', hpc, settings, note),
};

/** Builds and simulates; spikes are recorded, since a run without its digest says nothing about what it did. */
async function runNetwork(
  name: string,
  network: (scale: number) => Graph,
  settings: BenchSettings,
  note: (line: string) => void,
): Promise<BenchReport> {
  const { scale = 1, repeats = 1 } = settings;
  const graph = network(scale);
  const { best, all } = await fastest(
    repeats,
    async () => {
      const result = await runOnce(graph, settings);
      const { build, simulate } = result.wallMs;
      note(
        `${name}: built in ${formatSeconds(build / 1000)}, simulated in ${formatSeconds(simulate / 1000)}`,
      );
      return result;
    },
    ({ wallMs }) => wallMs.simulate,
  );
  return reportOf(name, scale, best, all);
}

async function runOnce(graph: Graph, settings: BenchSettings): Promise<RunResult> {
  const { defaults } = graph;
  const { workers = 1, threads = workers === 1 ? allCores() : 1, transport, natsUrl } = settings;
  const run = {
    dtNs: defaults.dtNs ?? 1e5,
    durationNs: settings.durationNs ?? defaults.durationNs ?? 1e9,
    seed: settings.seed ?? defaults.seed ?? 1,
  };
  const result =
    transport === 'nats'
      ? await runOverNats(graph, run, { workers, threads, natsUrl })
      : await runEmbedded(graph, run, { workers, threads });
  const { failure } = result.outcome;
  if (failure !== undefined) throw new RunError(failure.code, failure.message);
  return result;
}

function reportOf(name: string, scale: number, best: RunResult, all: readonly RunResult[]): BenchReport {
  const summary = summaryOf(best);
  const { synapses, synapticEvents, wallSeconds } = summary;
  const seconds = wallSeconds.simulate;
  const synapseBytes = best.federates.reduce((sum, federate) => sum + federate.synapseBytes, 0);
  const own = {
    scale,
    synapseBytes,
    bytesPerSynapse: synapseBytes / synapses,
    synapticEventsPerSecond: synapticEvents / seconds,
    nsPerSynapticEvent: (seconds * 1e9) / synapticEvents,
    repeats: all.map(({ wallMs }) => ({ build: wallMs.build / 1000, simulate: wallMs.simulate / 1000 })),
    machine: machine(),
  };
  const facts = [
    ['neurons', formatCount(summary.neurons)],
    ['synapses', `${formatCount(synapses)}, ${own.bytesPerSynapse.toFixed(2)} bytes each`],
    ['placed on', `${summary.workers} × ${summary.threads} threads, ${summary.transport}`],
    ['build', formatSeconds(wallSeconds.build)],
    [
      'simulate',
      `${formatSeconds(seconds)} for ${formatSeconds(summary.reachedNs / 1e9)}: real-time factor ${formatNumber(summary.realTimeFactor)}`,
    ],
    [
      'synaptic events',
      `${formatCount(synapticEvents)}, ${own.synapticEventsPerSecond.toExponential(2)}/s, ${formatNumber(own.nsPerSynapticEvent)} ns each`,
    ],
    ['peak memory', formatBytes(summary.peakMemoryBytes)],
    ['spikes', `${formatCount(summary.spikeCount)}, digest ${summary.digest.slice(0, 16)}…`],
    ...summary.populations.map((population): [string, string] => [
      `  ${population.name}`,
      `${formatNumber(population.rateHz)} Hz`,
    ]),
  ];
  const width = Math.max(...facts.map(([fact]) => fact.length));
  return {
    json: { name, ...summary, ...own },
    text: `${name}, scale ${scale}\n${facts.map(([fact, value]) => `${fact.padEnd(width)}  ${value}\n`).join('')}`,
  };
}
