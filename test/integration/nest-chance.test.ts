/** Stochastic models and generators against NEST's spread over ten seeds: figures by test/peers/nest/chance_statistics.py. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { Graph, Population, Stimulus } from '../../graph/index.js';
import { buildEngine } from '../../nodes/index.js';
import { graphOf, population, projection, wholePlan } from '../determinism/build.js';

type Statistics = Readonly<Record<'rateHz' | 'cv' | 'windowHz', number>>;

interface Case {
  readonly model?: string;
  readonly params?: Readonly<Record<string, number>>;
  readonly poisson?: { readonly rate: number; readonly weight: number; readonly delay: number };
  readonly times?: readonly number[];
  readonly rates?: readonly number[];
  readonly window: readonly [number, number];
  readonly every: number;
  readonly runs: readonly Statistics[];
}

const golden = JSON.parse(
  readFileSync(new URL('../peers/nest/golden/chance-statistics.json', import.meta.url), 'utf8'),
) as {
  readonly settleMs: number;
  readonly size: number;
  readonly durationMs: number;
  readonly cases: Readonly<Record<string, Case>>;
};

const DT_MS = 0.1;
const SEEDS = [1, 2, 3];
const NEURONS = Object.keys(golden.cases).filter((name) => golden.cases[name].poisson !== undefined);

/** Ours: neurons spike themselves; generators act through parrots as NEST's do, or are the population. */
function graphOfCase(name: string, { model, params = {}, poisson, times, rates }: Case): Graph {
  const { size } = golden;
  if (poisson !== undefined) {
    const { V_m, ...rest } = params;
    const initial: Population['initial'] = V_m === undefined ? {} : { V_m };
    const noise: Stimulus = {
      kind: 'poisson',
      name: 'noise',
      target: 'cells',
      rateHz: poisson.rate,
      weight: poisson.weight,
      delayNs: poisson.delay * 1e6,
    };
    return graphOf([population('cells', name, size, { params: rest, initial })], [], [noise]);
  }
  const parrots = population('cells', 'parrot_neuron', size);
  if (times !== undefined && rates !== undefined) {
    const train: Stimulus = {
      kind: 'inhomogeneous_poisson',
      name: 'train',
      target: 'cells',
      timesNs: Float64Array.from(times, (ms) => ms * 1e6),
      ratesHz: Float64Array.from(rates),
      weight: 1,
      delayNs: DT_MS * 1e6,
    };
    return graphOf([parrots], [], [train]);
  }
  const generator = population('generator', model ?? name, size, { params });
  return graphOf([generator, parrots], [projection('generator', 'cells', { rule: { kind: 'one_to_one' } })]);
}

function measure(name: string, seed: number): Statistics {
  const { size, durationMs, settleMs } = golden;
  const graph = graphOfCase(name, golden.cases[name]);
  const settings = { dtNs: DT_MS * 1e6, durationNs: durationMs * 1e6, seed };
  const engine = buildEngine({ graph, plan: wholePlan(graph, settings), federate: 0 });
  const first = graph.populations.slice(0, -1).reduce((sum, population) => sum + population.size, 0);
  const trains = Array.from({ length: size }, (): number[] => []);
  const steps = Math.round(durationMs / DT_MS);
  while (engine.step < steps) {
    const { beginStep, spikes } = engine.advance(Math.min(steps, engine.step + engine.maxWindowSteps));
    let next = 0;
    spikes.counts.forEach((count, step) => {
      for (const end = next + count; next < end; next++) {
        const neuron = spikes.neurons[next] - first;
        const stamp = beginStep + step + 1;
        if (neuron >= 0 && stamp > settleMs / DT_MS) trains[neuron].push(stamp);
      }
    });
  }
  return statisticsOf(golden.cases[name], trains, steps);
}

/** As chance_statistics.py has them. */
function statisticsOf({ window, every }: Case, trains: readonly number[][], steps: number): Statistics {
  const settle = golden.settleMs / DT_MS;
  const [begin, end] = window.map((ms) => ms / DT_MS);
  const inside = (stamp: number): boolean => {
    const phase = stamp % (every / DT_MS);
    return phase > begin && phase <= end;
  };
  let windowSteps = 0;
  for (let stamp = settle + 1; stamp <= steps; stamp++) if (inside(stamp)) windowSteps++;
  const all = trains.flat();
  const perSecond = (count: number, over: number): number => count / trains.length / ((over * DT_MS) / 1000);
  const cvs = trains.filter((train) => train.length >= 5).map(cvOf);
  return {
    rateHz: perSecond(all.length, steps - settle),
    cv: meanOf(cvs),
    windowHz: perSecond(all.filter(inside).length, windowSteps),
  };
}

const meanOf = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0) / values.length;

function cvOf(train: readonly number[]): number {
  const intervals = train.slice(1).map((stamp, i) => stamp - train[i]);
  const mean = meanOf(intervals);
  return Math.sqrt(meanOf(intervals.map((x) => (x - mean) ** 2))) / mean;
}

/** In standard deviations of one run. */
function distance(name: string, what: keyof Statistics, value: number): number {
  const values = golden.cases[name].runs.map((run) => run[what]);
  const mean = meanOf(values);
  const variance = values.reduce((sum, x) => sum + (x - mean) ** 2, 0) / (values.length - 1);
  return Math.abs(value - mean) / Math.sqrt(variance);
}

describe("stochastic models and generators against NEST's spread over seeds", () => {
  it('has figures of each', () => {
    expect(NEURONS).toEqual(['pp_psc_delta', 'gif_psc_exp']);
    expect(Object.keys(golden.cases).length).toBe(6);
    for (const { runs } of Object.values(golden.cases)) expect(runs.length).toBe(10);
  });

  it.each(Object.keys(golden.cases))('%s: rate, irregularity, and rate in a window', (name) => {
    const runs = SEEDS.map((seed) => measure(name, seed));
    for (const what of ['rateHz', 'cv', 'windowHz'] as const) {
      const values = runs.map((run) => run[what]);
      for (const value of values) expect(distance(name, what, value), what).toBeLessThan(4);
      expect(distance(name, what, meanOf(values)), what).toBeLessThan(2);
      // A figure 15 % off would be noticed.
      expect(
        distance(name, what, 1.15 * meanOf(golden.cases[name].runs.map((run) => run[what]))),
      ).toBeGreaterThan(4);
    }
  });
});

describe('galves_locherbach, which has no twin in NEST, against its theory', () => {
  it('with mu = 0 spikes in every step with probability phi(I_e), whatever was before', () => {
    const [size, steps] = [50, 2000];
    const p = 0.05 * 4;
    const graph = graphOf([
      population('cells', 'galves_locherbach', size, { params: { mu: 0, I_e: 4 }, initial: { V_m: 4 } }),
    ]);
    const engine = buildEngine({
      graph,
      plan: wholePlan(graph, { dtNs: 1e6, durationNs: steps * 1e6, seed: 3 }),
      federate: 0,
    });
    let count = 0;
    let pairs = 0;
    let before = new Set<number>();
    while (engine.step < steps) {
      const { spikes } = engine.advance(engine.step + 1);
      const now = new Set(spikes.neurons);
      count += now.size;
      for (const neuron of now) if (before.has(neuron)) pairs++;
      before = now;
    }
    const n = size * steps;
    expect(Math.abs(count - n * p)).toBeLessThan(4 * Math.sqrt(n * p * (1 - p)));
    // No memory: as many follow a spike as by chance.
    expect(Math.abs(pairs - n * p * p)).toBeLessThan(5 * Math.sqrt(n * p * p));
  });

  it('at rest it leaks by mu in a step', () => {
    const graph = graphOf(
      [population('cells', 'galves_locherbach', 1, { params: { mu: 0.5, V_T: 100 }, initial: { V_m: 8 } })],
      [],
      [],
      [{ kind: 'state', population: 'cells', variables: ['V_m'] }],
    );
    const engine = buildEngine({
      graph,
      plan: wholePlan(graph, { dtNs: 1e6, durationNs: 4e6, seed: 3 }),
      federate: 0,
    });
    engine.advance(4);
    expect([...engine.takeSamples()[0].values]).toEqual([4, 2, 1, 0.5]);
  });
});
