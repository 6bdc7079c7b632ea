import { readFileSync } from 'node:fs';
import type { Graph, Population, Projection, Recording, Stimulus, Value } from '../../../graph/index.js';
import type { Plan } from '../../../graph/plan.js';
import { buildEngine } from '../../../nodes/index.js';

/** What `networks.py` describes: a network that knows nothing of any simulator. */
export interface Network {
  readonly name: string;
  readonly dtNs: number;
  readonly durationNs: number;
  readonly populations: readonly {
    readonly name: string;
    readonly model: string;
    readonly size: number;
    readonly params: Readonly<Record<string, number | readonly number[]>>;
    readonly initial: Readonly<Record<string, number | readonly number[]>>;
  }[];
  readonly projections: readonly {
    readonly source: string;
    readonly target: string;
    readonly sources: readonly number[];
    readonly targets: readonly number[];
    readonly weights: readonly number[];
    readonly delaysNs: readonly number[];
  }[];
  readonly stimuli: readonly (
    | {
        readonly kind: 'spikes';
        readonly target: string;
        readonly timesNs: readonly number[];
        readonly neurons: readonly number[];
      }
    | {
        readonly kind: 'step_current';
        readonly target: string;
        readonly range: readonly [number, number];
        readonly timesNs: readonly number[];
        readonly amplitudes: readonly number[];
      }
    | {
        readonly kind: 'ac_current';
        readonly target: string;
        readonly range: readonly [number, number];
        readonly amplitude: number;
        readonly offset: number;
        readonly frequencyHz: number;
        readonly phaseDeg: number;
        readonly startNs: number;
        readonly stopNs: number;
      }
  )[];
  readonly states: readonly {
    readonly population: string;
    readonly neurons: readonly number[];
    readonly variables: readonly string[];
    readonly everySteps: number;
  }[];
}

export interface Trace {
  readonly population: string;
  readonly neuron: number;
  readonly variable: string;
  readonly everySteps: number;
  readonly values: readonly number[];
}

/** Spikes of one population, in order of (step, neuron). */
export interface Spikes {
  readonly steps: readonly number[];
  readonly neurons: readonly number[];
}

export interface Golden extends Network {
  readonly expected: {
    readonly spikes: Readonly<Record<string, Spikes>>;
    readonly states: readonly Trace[];
  };
  readonly made: { readonly nest: string; readonly by: string };
}

export interface Outcome {
  readonly spikes: Readonly<Record<string, Spikes>>;
  /** Samples of `states[i].variables[j]`, row-major samples × population size, under the key `i/variable`. */
  readonly samples: ReadonlyMap<string, Float64Array>;
}

export function readGolden(path: string | URL): Golden {
  return JSON.parse(readFileSync(path, 'utf8')) as Golden;
}

export function graphOf(network: Network): Graph {
  return {
    name: network.name,
    populations: network.populations.map(
      (population): Population => ({
        ...population,
        shape: [population.size],
        params: valuesOf(population.params),
        initial: valuesOf(population.initial),
      }),
    ),
    projections: network.projections.map(
      (projection): Projection => ({
        name: `${projection.source}->${projection.target}`,
        source: projection.source,
        target: projection.target,
        rule: {
          kind: 'pairs',
          sources: Uint32Array.from(projection.sources),
          targets: Uint32Array.from(projection.targets),
        },
        weight: Float64Array.from(projection.weights),
        delayNs: Float64Array.from(projection.delaysNs),
        allowAutapses: true,
        allowMultapses: true,
      }),
    ),
    stimuli: network.stimuli.map((stimulus, index) => stimulusOf(stimulus, `stimulus ${index}`)),
    recordings: network.states.map(
      (state): Recording => ({
        kind: 'state',
        population: state.population,
        variables: state.variables,
        everyNs: state.everySteps * network.dtNs,
      }),
    ),
    defaults: {},
    metadata: {},
  };
}

function valuesOf(columns: Readonly<Record<string, number | readonly number[]>>): Record<string, Value> {
  return Object.fromEntries(
    Object.entries(columns).map(([name, value]) => [
      name,
      typeof value === 'number' ? value : Float64Array.from(value),
    ]),
  );
}

function stimulusOf(stimulus: Network['stimuli'][number], name: string): Stimulus {
  if (stimulus.kind === 'ac_current') {
    const [begin, end] = stimulus.range;
    return { ...stimulus, name, range: { begin, end } };
  }
  const timesNs = Float64Array.from(stimulus.timesNs);
  if (stimulus.kind === 'spikes') {
    return {
      kind: 'spikes',
      name,
      target: stimulus.target,
      timesNs,
      neurons: Uint32Array.from(stimulus.neurons),
    };
  }
  return {
    kind: 'step_current',
    name,
    target: stimulus.target,
    timesNs,
    amplitudes: Float64Array.from(stimulus.amplitudes),
    range: { begin: stimulus.range[0], end: stimulus.range[1] },
  };
}

/** Runs the network in one engine, in windows of a length that divides nothing. */
export function runNetwork(network: Network): Outcome {
  const graph = graphOf(network);
  const engine = buildEngine({ graph, plan: wholePlan(graph, network), federate: 0 });
  const steps = network.durationNs / network.dtNs;
  const recorder = makeRecorder(graph, network);
  for (let begin = 0; begin < steps; begin = engine.step) {
    const { beginStep, spikes } = engine.advance(
      Math.min(steps, begin + Math.min(37, engine.maxWindowSteps)),
    );
    recorder.spikes(beginStep, spikes.counts, spikes.neurons);
    for (const taken of engine.takeSamples()) recorder.samples(taken.recording, taken.variable, taken.values);
  }
  return recorder.outcome();
}

function wholePlan(graph: Graph, network: Network): Plan {
  const slices = graph.populations.map(({ size }, population) => ({ population, begin: 0, end: size }));
  return {
    dtNs: network.dtNs,
    durationNs: network.durationNs,
    seed: 1,
    federates: [{ index: 0, name: 'all', slices }],
    channels: [],
  };
}

function makeRecorder(graph: Graph, network: Network) {
  const trains = graph.populations.map(() => ({ steps: [] as number[], neurons: [] as number[] }));
  const owner = graph.populations.flatMap(({ size }, population) => new Array<number>(size).fill(population));
  const base = graph.populations.map((_, i) => owner.indexOf(i));
  const samples = new Map<string, number[]>();
  return {
    spikes: (beginStep: number, counts: Uint32Array, neurons: Uint32Array) => {
      let next = 0;
      counts.forEach((count, step) => {
        for (const end = next + count; next < end; next++) {
          const population = owner[neurons[next]];
          trains[population].steps.push(beginStep + step);
          trains[population].neurons.push(neurons[next] - base[population]);
        }
      });
    },
    samples: (recording: number, variable: string, values: Float64Array) => {
      const key = `${recording}/${variable}`;
      const known = samples.get(key) ?? [];
      samples.set(key, known);
      known.push(...values);
    },
    outcome: (): Outcome => ({
      spikes: Object.fromEntries(
        network.populations.flatMap(({ name, model }, i) =>
          model === 'spike_source' ? [] : [[name, trains[i]]],
        ),
      ),
      samples: new Map([...samples].map(([key, values]) => [key, Float64Array.from(values)])),
    }),
  };
}

/** The largest difference between a trace and ours, relative to the value's size (to 1 mV or 1 pA at least). */
export function traceError(golden: Golden, trace: Trace, outcome: Outcome): number {
  const recording = golden.states.findIndex(
    (state) => state.population === trace.population && state.variables.includes(trace.variable),
  );
  const size = golden.populations.find(({ name }) => name === trace.population)?.size ?? 0;
  const samples = outcome.samples.get(`${recording}/${trace.variable}`);
  if (samples?.length !== trace.values.length * size) {
    throw new Error(
      `${trace.population} ${trace.variable}: ${samples?.length} samples, ${trace.values.length * size} expected`,
    );
  }
  return trace.values.reduce((worst, value, i) => {
    const error = Math.abs(samples[i * size + trace.neuron] - value) / Math.max(1, Math.abs(value));
    return Number.isNaN(error) ? Number.POSITIVE_INFINITY : Math.max(worst, error);
  }, 0);
}
