/** Short ways to say small graphs and plans. For tests. */
import type {
  Graph,
  Plan,
  Population,
  Projection,
  Recording,
  RunSettings,
  Stimulus,
} from '../../graph/index.js';

export const DT_NS = 100_000;

export function population(
  name: string,
  model: string,
  size: number,
  more: Partial<Population> = {},
): Population {
  return { name, model, size, shape: [size], params: {}, initial: {}, ...more };
}

export function projection(
  source: string,
  target: string,
  more: Partial<Projection> & Pick<Projection, 'rule'>,
): Projection {
  return {
    name: `${source}_${target}`,
    source,
    target,
    weight: 1,
    delayNs: DT_NS,
    allowAutapses: true,
    allowMultapses: true,
    ...more,
  };
}

export function spikes(
  target: string,
  events: readonly (readonly [step: number, neuron: number, value?: number])[],
  dtNs = DT_NS,
): Stimulus {
  const graded = events.some(([, , value]) => value !== undefined);
  return {
    kind: 'spikes',
    name: `spikes of ${target}`,
    target,
    timesNs: Float64Array.from(events, ([step]) => (step + 1) * dtNs),
    neurons: Uint32Array.from(events, ([, neuron]) => neuron),
    values: graded ? Float32Array.from(events, ([, , value]) => value ?? 1) : undefined,
  };
}

export function graphOf(
  populations: readonly Population[],
  projections: readonly Projection[] = [],
  stimuli: readonly Stimulus[] = [],
  recordings: readonly Recording[] = [],
): Graph {
  return {
    name: 'test',
    populations,
    projections,
    stimuli,
    recordings,
    defaults: {},
    metadata: {},
  };
}

export function settingsOf(steps: number, seed = 1, dtNs = DT_NS): RunSettings {
  return { dtNs, durationNs: steps * dtNs, seed };
}

/** One federate that owns everything. */
export function wholePlan(graph: Graph, settings: RunSettings): Plan {
  const slices = graph.populations.map(({ size }, population) => ({ population, begin: 0, end: size }));
  return { ...settings, federates: [{ index: 0, name: 'whole', slices }], channels: [] };
}

/** The bits of float64s, for comparisons that see the sign of zero. */
export function bits(values: ArrayLike<number>): bigint[] {
  return [...new BigUint64Array(Float64Array.from(values).buffer)];
}
