import { readFileSync } from 'node:fs';
import type { Graph, Population, Projection, Stimulus } from '../../../graph/index.js';
import type { Plan } from '../../../graph/plan.js';
import { buildEngine } from '../../../nodes/index.js';

/** Rate and irregularity of one population in one run. */
export interface Activity {
  readonly rateHz: number;
  /** Mean over neurons of the coefficient of variation of their intervals. */
  readonly cv: number;
}

export interface BrunelGolden {
  readonly excitatory: number;
  readonly inhibitory: number;
  readonly indegree: { readonly exc: number; readonly inh: number };
  readonly weightMv: { readonly exc: number; readonly inh: number };
  readonly poissonHz: number;
  readonly delayMs: number;
  readonly durationMs: number;
  readonly runs: readonly { readonly seed: number; readonly exc: Activity; readonly inh: Activity }[];
}

export interface BrunelStatistics {
  readonly nest: string;
  /** Spikes stamped up to here don't count. */
  readonly settleMs: number;
  /** A neuron with fewer has no say in the coefficient of variation. */
  readonly minSpikes: number;
  readonly networks: { readonly full: BrunelGolden; readonly small: BrunelGolden };
}

const DT_NS = 100_000;

export function readBrunelStatistics(): BrunelStatistics {
  const path = new URL('golden/brunel-statistics.json', import.meta.url);
  return JSON.parse(readFileSync(path, 'utf8')) as BrunelStatistics;
}

export function brunelGraph(golden: BrunelGolden): Graph {
  const sizes = { exc: golden.excitatory, inh: golden.inhibitory };
  const kinds = ['exc', 'inh'] as const;
  const delayNs = Math.round(golden.delayMs * 1e6);
  return {
    name: 'brunel',
    populations: kinds.map(
      (name): Population => ({
        name,
        model: 'iaf_psc_delta',
        size: sizes[name],
        shape: [sizes[name]],
        params: { C_m: 1, tau_m: 20, t_ref: 2, E_L: 0, V_reset: 0, V_th: 20 },
        initial: {},
      }),
    ),
    projections: kinds.flatMap((source) =>
      kinds.map(
        (target): Projection => ({
          name: `${source}->${target}`,
          source,
          target,
          rule: { kind: 'fixed_indegree', indegree: golden.indegree[source] },
          weight: golden.weightMv[source],
          delayNs,
          allowAutapses: true,
          allowMultapses: true,
        }),
      ),
    ),
    stimuli: kinds.map(
      (target): Stimulus => ({
        kind: 'poisson',
        name: `noise ${target}`,
        target,
        rateHz: golden.poissonHz,
        weight: golden.weightMv.exc,
        delayNs,
      }),
    ),
    recordings: [],
    defaults: {},
    metadata: {},
  };
}

/** Runs the network in one engine and returns what its two populations did after `settleMs`. */
export function runBrunel(
  golden: BrunelGolden,
  seed: number,
  counting: { readonly settleMs: number; readonly minSpikes: number },
): { readonly exc: Activity; readonly inh: Activity } {
  const graph = brunelGraph(golden);
  const durationNs = golden.durationMs * 1e6;
  const slices = graph.populations.map(({ size }, population) => ({ population, begin: 0, end: size }));
  const plan: Plan = {
    dtNs: DT_NS,
    durationNs,
    seed,
    federates: [{ index: 0, name: 'all', slices }],
    channels: [],
  };
  const engine = buildEngine({ graph, plan, federate: 0 });
  const trains = Array.from({ length: golden.excitatory + golden.inhibitory }, () => [] as number[]);
  const settled = Math.round((counting.settleMs * 1e6) / DT_NS);
  for (const steps = durationNs / DT_NS; engine.step < steps; ) {
    const { beginStep, spikes } = engine.advance(
      Math.min(steps, engine.step + Math.min(100, engine.maxWindowSteps)),
    );
    let next = 0;
    spikes.counts.forEach((count, step) => {
      for (const end = next + count; next < end; next++) {
        // Step s is stamped (s + 1) · dt.
        if (beginStep + step + 1 > settled) trains[spikes.neurons[next]].push(beginStep + step);
      }
    });
  }
  const seconds = (golden.durationMs - counting.settleMs) / 1000;
  const activity = (part: readonly number[][]): Activity => activityOf(part, seconds, counting.minSpikes);
  return {
    exc: activity(trains.slice(0, golden.excitatory)),
    inh: activity(trains.slice(golden.excitatory)),
  };
}

function activityOf(trains: readonly (readonly number[])[], seconds: number, minSpikes: number): Activity {
  const spikes = trains.reduce((sum, train) => sum + train.length, 0);
  const cvs = trains.filter((train) => train.length >= minSpikes).map(cvOf);
  return { rateHz: spikes / trains.length / seconds, cv: mean(cvs) };
}

function cvOf(train: readonly number[]): number {
  const intervals = train.slice(1).map((step, i) => step - train[i]);
  const middle = mean(intervals);
  return Math.sqrt(mean(intervals.map((interval) => (interval - middle) ** 2))) / middle;
}

export function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** Sample standard deviation. */
export function deviation(values: readonly number[]): number {
  const middle = mean(values);
  return Math.sqrt(values.reduce((sum, value) => sum + (value - middle) ** 2, 0) / (values.length - 1));
}

/** How many of NEST's standard deviations over seeds `value` is away from NEST's mean. */
export function distanceFromNest(
  golden: BrunelGolden,
  kind: 'exc' | 'inh',
  what: keyof Activity,
  value: number,
): number {
  const values = golden.runs.map((run) => run[kind][what]);
  return Math.abs(value - mean(values)) / deviation(values);
}
