import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Plan } from '../../graph/plan.js';
import type { Graph, Recording } from '../../graph/types.js';
import { anyCase } from '../../test/determinism/any-graph.js';
import {
  DT_NS,
  graphOf,
  population,
  projection,
  settingsOf,
  spikes,
  wholePlan,
} from '../../test/determinism/build.js';
import { drive, EAGER, type Outcome, scheduleOf } from '../../test/determinism/driver.js';
import { workersPlan } from '../../test/determinism/plans.js';
import { wasmNumerics } from '../wasm/numerics.js';
import { compileKernels, modulesOf } from '../wasm/prepare.js';
import { buildThreadedEngine } from './engine.js';

const state = (name: string, ...variables: string[]): Recording => ({
  kind: 'state',
  population: name,
  variables,
});

/** All federates of the plan, each on so many real threads; compiled kernels when asked for. */
async function threaded(
  graph: Graph,
  plan: Plan,
  threads: number,
  compiled: boolean,
  schedule = EAGER,
): Promise<Outcome> {
  const kernels = compiled ? await compileKernels(graph) : undefined;
  const numerics = kernels === undefined ? undefined : wasmNumerics(modulesOf(kernels));
  const engines = await Promise.all(
    plan.federates.map(({ index }) =>
      buildThreadedEngine({ graph, plan, federate: index, threads, numerics, kernels }),
    ),
  );
  try {
    return drive(graph, plan, { engines, schedule });
  } finally {
    for (const engine of engines) engine.close?.();
  }
}

function expectSame(outcome: Outcome, expected: Outcome): void {
  expect(outcome).toMatchObject({
    digest: expected.digest,
    stateDigest: expected.stateDigest,
    synapticEvents: expected.synapticEvents,
  });
}

/** A recurrent network, graded input, and a chain without delays in which signals are weighted and spike again. */
const RECURRENT = graphOf(
  [
    population('exc', 'iaf_psc_delta', 100, { initial: { V_m: { kind: 'uniform', low: -70, high: -55 } } }),
    population('inh', 'iaf_psc_exp', 37, { initial: { V_m: { kind: 'uniform', low: -70, high: -55 } } }),
    population('noise', 'poisson_source', 50, { params: { rate: 3000 } }),
  ],
  [
    projection('exc', 'exc', {
      rule: { kind: 'fixed_indegree', indegree: 10 },
      weight: { kind: 'normal', mean: 0.8, std: 0.4 },
      delayNs: { kind: 'uniform', low: 2 * DT_NS, high: 20 * DT_NS },
      allowAutapses: false,
    }),
    projection('exc', 'inh', {
      rule: { kind: 'fixed_probability', p: 0.3 },
      weight: 200,
      delayNs: 5 * DT_NS,
    }),
    projection('inh', 'exc', {
      rule: { kind: 'fixed_outdegree', outdegree: 12 },
      weight: -1,
      delayNs: 3 * DT_NS,
    }),
    projection('inh', 'inh', {
      rule: { kind: 'fixed_total_number', n: 300 },
      weight: -100,
      delayNs: 3 * DT_NS,
    }),
    projection('noise', 'exc', { rule: { kind: 'fixed_indegree', indegree: 8 }, weight: 1.1 }),
    projection('noise', 'inh', { rule: { kind: 'all_to_all' }, weight: 40, delayNs: 2 * DT_NS }),
  ],
  [],
  [
    { kind: 'spikes', population: 'exc' },
    { kind: 'spikes', population: 'inh' },
    state('exc', 'V_m'),
    state('inh', 'V_m', 'I_syn_in'),
  ],
);

const FEED_FORWARD = graphOf(
  [
    population('out', 'nir_lif', 18, { params: { tau: 0.005, v_threshold: 0.5 } }),
    population('input', 'spike_source', 40),
    population('li', 'nir_li', 33, { params: { tau: { kind: 'uniform', low: 0.002, high: 0.01 } } }),
    population('hidden', 'nir_if', 64),
    population('side', 'nir_cuba_lif', 70, { params: { tau_syn: 0.002, tau_mem: 0.005, v_threshold: 0.2 } }),
  ],
  [
    projection('input', 'li', { rule: { kind: 'fixed_indegree', indegree: 12 }, weight: 3, delayNs: 0 }),
    projection('li', 'out', {
      rule: { kind: 'dense', matrix: Float64Array.from({ length: 18 * 33 }, (_, i) => Math.sin(i) * 2) },
      delayNs: 0,
    }),
    projection('input', 'hidden', { rule: { kind: 'fixed_indegree', indegree: 5 }, weight: 0.7, delayNs: 0 }),
    projection('hidden', 'out', { rule: { kind: 'fixed_indegree', indegree: 9 }, weight: 1 / 3, delayNs: 0 }),
    projection('out', 'hidden', { rule: { kind: 'all_to_all' }, weight: -0.1, delayNs: 2 * DT_NS }),
    projection('out', 'side', { rule: { kind: 'all_to_all' }, weight: 2, delayNs: 3 * DT_NS }),
    projection('li', 'side', {
      rule: { kind: 'fixed_indegree', indegree: 3 },
      weight: 1,
      delayNs: 4 * DT_NS,
    }),
    projection('side', 'side', {
      rule: { kind: 'fixed_indegree', indegree: 6 },
      weight: -0.5,
      delayNs: 3 * DT_NS,
    }),
  ],
  [
    spikes(
      'input',
      Array.from(
        { length: 600 },
        (_, i) => [Math.floor(i / 4), (i * 7) % 40, Math.fround(Math.cos(i) + 0.5)] as const,
      ).sort(([a, b], [c, d]) => a - c || b - d),
    ),
  ],
  [
    ...['input', 'hidden', 'out', 'side'].map((name) => ({ kind: 'spikes', population: name }) as const),
    state('li', 'v'),
    state('out', 'v'),
    state('side', 'v', 'i'),
  ],
);

describe('an engine of several threads', () => {
  it.each([
    ['a recurrent network', RECURRENT],
    ['a feed-forward network without delays, with signals and payloads', FEED_FORWARD],
  ])('%s: the bits of one thread', async (_, graph) => {
    const settings = settingsOf(200, 11);
    const whole = wholePlan(graph, settings);
    const expected = drive(graph, whole);
    const fired = expected.spikes.map(({ steps }) => steps.length);
    expect(Math.min(...fired)).toBeGreaterThan(20);
    expectSame(await threaded(graph, whole, 2, false), expected);
    expectSame(await threaded(graph, whole, 3, true, scheduleOf(5)), expected);
    const two = workersPlan(graph, settings, 2);
    expect(two.channels.length).toBeGreaterThan(0);
    expectSame(await threaded(graph, two, 2, true, scheduleOf(6)), expected);
  });

  it('any graph: the bits of one thread', { timeout: 120_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(fc.gen(), async (g) => {
        const { graph, settings } = anyCase(g, 100);
        const expected = drive(graph, wholePlan(graph, settings));
        const plan = workersPlan(graph, settings, g(fc.integer, { min: 1, max: 2 }));
        const schedule = scheduleOf(g(fc.nat));
        expectSame(await threaded(graph, plan, g(fc.integer, { min: 2, max: 3 }), false, schedule), expected);
      }),
      {
        numRuns: Number(process.env.NIL_RUNS ?? 6),
        seed: Number(process.env.NIL_SEED ?? 7),
        endOnFailure: true,
      },
    );
  });

  it('counts neurons, synapses and bytes of all threads', async () => {
    const plan = wholePlan(RECURRENT, settingsOf(10));
    const engine = await buildThreadedEngine({ graph: RECURRENT, plan, federate: 0, threads: 2 });
    try {
      const { neurons, synapses, synapseBytes, totalBytes } = engine.facts;
      expect(neurons).toBe(187);
      const random = synapses - (100 * 10 + 37 * 12 + 300 + 100 * 8 + 50 * 37);
      expect(Math.abs(random - 0.3 * 3700)).toBeLessThan(150);
      expect(synapseBytes).toBeGreaterThan(2 * synapses);
      expect(totalBytes).toBeGreaterThan(synapseBytes);
    } finally {
      engine.close?.();
    }
  });

  it('fails as a whole when one of its threads cannot be built, with that error', async () => {
    const graph = graphOf(
      [population('s', 'poisson_source', 40), population('t', 'iaf_psc_delta', 64)],
      [projection('s', 't', { rule: { kind: 'one_to_one' }, delayNs: 70_000 * DT_NS })],
    );
    await expect(
      buildThreadedEngine({ graph, plan: wholePlan(graph, settingsOf(1)), federate: 0, threads: 2 }),
    ).rejects.toMatchObject({ code: 'SYNAPSE_TABLE' });
  });
});
