import type { RunResult } from '../coordinator/results/types.js';
import type { Graph } from '../graph/index.js';

/** A small finished run with awkward names, for tests of what is written about runs. */
export function sampleResult(): RunResult {
  const population = (name: string, size: number): Graph['populations'][number] => ({
    name,
    model: 'iaf_psc_delta',
    size,
    shape: [size],
    params: {},
    initial: {},
  });
  const federate = (index: number, neurons: number): RunResult['federates'][number] => ({
    index,
    name: `f${index}`,
    worker: `thread ${index}`,
    clockNs: 50_000_000,
    neurons,
    synapses: 1000,
    synapseBytes: 4000,
    totalBytes: 9000,
    synapticEvents: 500,
    buildMs: 12.5,
    simulateMs: 100,
    waitMs: 25,
    peakMemoryBytes: 80_000_000,
  });
  const channel = { lookaheadNs: 1_500_000, batches: 33, bytes: 4096, events: 12, repaired: 0, rejected: 0 };
  return {
    runId: '00000000-0000-4000-8000-000000000000',
    graph: {
      name: 'sample </script><b>&"',
      populations: [population('exc', 10), population("<b>in'h", 3)],
      projections: [],
      stimuli: [],
      recordings: [],
      defaults: {},
      metadata: {},
    },
    settings: { dtNs: 100_000, durationNs: 50_000_000, seed: 7 },
    plan: { dtNs: 100_000, durationNs: 50_000_000, seed: 7, federates: [], channels: [] },
    transport: 'embedded',
    threads: 1,
    outcome: { state: 'done', reachedNs: 50_000_000 },
    spikes: [
      {
        population: 0,
        name: 'exc',
        recorded: 10,
        steps: Uint32Array.of(0, 0, 460),
        neurons: Uint32Array.of(0, 7, 3),
      },
      {
        population: 1,
        name: "<b>in'h",
        recorded: 3,
        steps: Uint32Array.of(0, 499),
        neurons: Uint32Array.of(2, 0),
      },
    ],
    states: [
      {
        recording: 0,
        population: 'exc',
        variable: 'V_m',
        begin: 4,
        end: 6,
        everySteps: 10,
        samples: 3,
        values: Float64Array.of(-70, -69.1, -68.2, -67.3, -66.4, Number.NaN),
      },
    ],
    federates: [federate(0, 7), federate(1, 6)],
    channels: [
      { from: 0, to: 1, ...channel },
      { from: 1, to: 0, ...channel },
    ],
    wallMs: { build: 15, simulate: 125, total: 160 },
    peakMemoryBytes: 80_000_000,
  };
}
