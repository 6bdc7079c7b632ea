/** Small networks for runs, and splits of them that no partitioner would make. */
import type { ChannelPlan, Graph, Plan, RunSettings } from '../../graph/index.js';

/** A balanced random network that spikes from the first milliseconds on: 1.5 ms delay, so 15 steps of lookahead. */
export function balanced(size = 200): Graph {
  const excitatory = Math.round(size * 0.8);
  const params = { tau_m: 20, t_ref: 2, C_m: 1, E_L: 0, V_th: 20, V_reset: 0 };
  const population = (name: string, count: number) => ({
    name,
    model: 'iaf_psc_delta',
    size: count,
    shape: [count],
    params,
    initial: { V_m: { kind: 'uniform' as const, low: 0, high: 20 } },
  });
  const projection = (source: string, target: string, indegree: number, weight: number) => ({
    name: `${source}_${target}`,
    source,
    target,
    rule: { kind: 'fixed_indegree' as const, indegree },
    weight,
    delayNs: 1_500_000,
    allowAutapses: true,
    allowMultapses: true,
  });
  const drive = (target: string) => ({
    kind: 'poisson' as const,
    name: `drive_${target}`,
    target,
    rateHz: 8000,
    weight: 0.25,
    delayNs: 1_500_000,
  });
  return {
    name: 'balanced',
    populations: [population('exc', excitatory), population('inh', size - excitatory)],
    projections: [
      projection('exc', 'exc', 16, 0.5),
      projection('exc', 'inh', 16, 0.5),
      projection('inh', 'exc', 4, -2.5),
      projection('inh', 'inh', 4, -2.5),
    ],
    stimuli: [drive('exc'), drive('inh')],
    recordings: [],
    defaults: {},
    metadata: {},
  };
}

export const settings = (durationMs: number, seed = 7): RunSettings => ({
  dtNs: 100_000,
  durationNs: durationMs * 1e6,
  seed,
});

/** Cuts every population at the same fractions; every federate talks to every other. */
export function splitPlan(graph: Graph, run: RunSettings, fractions: readonly number[]): Plan {
  const bounds = [0, ...fractions, 1];
  const federates = bounds.slice(1).map((end, index) => ({
    index,
    name: `part${index}`,
    slices: graph.populations.flatMap(({ size }, population) => {
      const slice = { population, begin: Math.round(bounds[index] * size), end: Math.round(end * size) };
      return slice.begin < slice.end ? [slice] : [];
    }),
  }));
  const delays = graph.projections.map(({ delayNs }) => delayNs as number);
  const channels = federates.flatMap((from) =>
    federates
      .filter((to) => to !== from)
      .map(
        (to): ChannelPlan => ({
          from: from.index,
          to: to.index,
          lookaheadNs: Math.min(...delays),
          spikes: from.slices,
          signals: [],
          graded: false,
        }),
      ),
  );
  return { ...run, federates, channels };
}

/** Three layers, each spike goes through all of them in the step in which it is emitted. */
export function chain(size = 20): Graph {
  const layer = (name: string) => ({
    name,
    model: 'iaf_psc_delta',
    size,
    shape: [size],
    params: { tau_m: 20, t_ref: 0.1, C_m: 1, E_L: 0, V_th: 20, V_reset: 0 },
    initial: {},
  });
  const forward = (source: string, target: string) => ({
    name: `${source}_${target}`,
    source,
    target,
    rule: { kind: 'one_to_one' as const },
    weight: 30,
    delayNs: 0,
    allowAutapses: true,
    allowMultapses: true,
  });
  const drive = {
    kind: 'poisson' as const,
    name: 'drive',
    target: 'first',
    rateHz: 300,
    weight: 30,
    delayNs: 100_000,
  };
  return {
    name: 'chain',
    populations: [layer('first'), layer('second'), layer('third')],
    projections: [forward('first', 'second'), forward('second', 'third')],
    stimuli: [drive],
    recordings: [],
    defaults: {},
    metadata: {},
  };
}

/** A federate for each population of a chain, a channel without lookahead from each to the next. */
export function chainPlan(graph: Graph, run: RunSettings): Plan {
  const whole = (population: number) => [{ population, begin: 0, end: graph.populations[population].size }];
  return {
    ...run,
    federates: graph.populations.map(({ name }, index) => ({ index, name, slices: whole(index) })),
    channels: graph.projections.map((_, from) => ({
      from,
      to: from + 1,
      lookaheadNs: 0,
      spikes: whole(from),
      signals: [],
      graded: false,
    })),
  };
}
