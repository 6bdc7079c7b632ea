import type { Graph, Stimulus } from '../../graph/types.js';
import { buildEngine } from '../../nodes/index.js';

export interface Events {
  readonly steps: readonly number[];
  readonly neurons: readonly number[];
  readonly values?: readonly number[];
}

/** Events of frames: those of step s are stamped at its end. */
export function inputSpikes(target: string, events: Events, dtNs: number): Stimulus {
  return {
    kind: 'spikes',
    name: 'input',
    target,
    timesNs: Float64Array.from(events.steps, (s) => (s + 1) * dtNs),
    neurons: Uint32Array.from(events.neurons),
    values: events.values === undefined ? undefined : Float32Array.from(events.values),
  };
}

export interface Ran {
  /** By population: what it spiked, in order of (step, neuron). */
  readonly spikes: ReadonlyMap<string, { readonly steps: number[]; readonly neurons: number[] }>;
  /** By population and variable, `population.variable`: one row of all neurons for each step. */
  readonly states: ReadonlyMap<string, number[]>;
}

/** Runs the whole graph in one engine, without transports. */
export function run(graph: Graph, dtNs: number, steps: number): Ran {
  const slices = graph.populations.map((p, population) => ({ population, begin: 0, end: p.size }));
  const plan = {
    dtNs,
    durationNs: steps * dtNs,
    seed: 1,
    federates: [{ index: 0, name: 'test', slices }],
    channels: [],
  };
  const engine = buildEngine({ graph, plan, federate: 0 });
  const spikes = new Map(
    graph.populations.map((p) => [p.name, { steps: [] as number[], neurons: [] as number[] }]),
  );
  const states = new Map<string, number[]>();
  const owners = graph.populations.flatMap((p) => Array<string>(p.size).fill(p.name));
  const firsts = new Map<string, number>();
  let first = 0;
  for (const p of graph.populations) {
    firsts.set(p.name, first);
    first += p.size;
  }
  while (engine.step < steps) {
    const { beginStep, spikes: columns } = engine.advance(Math.min(steps, engine.step + 100));
    let at = 0;
    columns.counts.forEach((count, k) => {
      for (let i = 0; i < count; i++) {
        const neuron = columns.neurons[at++];
        const list = spikes.get(owners[neuron]);
        list?.steps.push(beginStep + k);
        list?.neurons.push(neuron - (firsts.get(owners[neuron]) ?? 0));
      }
    });
    for (const { recording, variable, values } of engine.takeSamples()) {
      const said = graph.recordings[recording];
      if (said.kind === 'weights') continue;
      const key = `${said.population}.${variable}`;
      states.set(key, [...(states.get(key) ?? []), ...values]);
    }
  }
  return { spikes, states };
}
