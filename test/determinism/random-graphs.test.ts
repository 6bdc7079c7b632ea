/**
 * The promise, held against graphs of everything: the same spikes and the same bits of every recorded state, for any division over
 * federates, any order and length of windows, threads, and for both numerics. `NIL_RUNS` says how many graphs, `NIL_SEED` which.
 */
import fc, { type GeneratorValue } from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import {
  checkSettings,
  type Graph,
  modelOf,
  type Plan,
  type RunSettings,
  validateGraph,
} from '../../graph/index.js';
import { splitOverThreads } from '../../nodes/threads/split.js';
import { anyCase, type Case } from './any-graph.js';
import { KINDS } from './any-model.js';
import { anyCut } from './any-plan.js';
import { RULES } from './any-rule.js';
import { wholePlan } from './build.js';
import { compiledNumerics } from './compiled.js';
import { drive, EAGER, type Outcome, scheduleOf } from './driver.js';
import { workersPlan } from './plans.js';

const NUM_RUNS = Number(process.env.NIL_RUNS ?? 150);
const SEED = Number(process.env.NIL_SEED ?? 20);

/** What the graphs of this file had in them: proof that the property isn't about nothing. */
const seen = {
  graphs: 0,
  lively: 0,
  zeroDelay: 0,
  cut: 0,
  models: new Set<string>(),
  rules: new Set<string>(),
};

function note({ graph }: Case, { spikes, synapticEvents }: Outcome): void {
  seen.graphs++;
  if (synapticEvents > 50) seen.lively++;
  for (const { name, steps } of spikes) {
    const { model } = graph.populations.find((p) => p.name === name) as Graph['populations'][number];
    if (steps.length > 5) seen.models.add(model);
  }
  for (const { model } of graph.populations)
    if (modelOf(model, graph)?.emits !== 'spike') seen.models.add(model);
  for (const { rule } of graph.projections) seen.rules.add(rule.kind);
  if (graph.projections.some(({ delayNs }) => delayNs === 0)) seen.zeroDelay++;
}

/** Cut anyhow; or the partitioner's plan where that can't run. */
function anyPlan(g: GeneratorValue, graph: Graph, settings: RunSettings): Plan {
  const plan = anyCut(g, graph, settings);
  if (plan !== undefined) seen.cut++;
  return plan ?? workersPlan(graph, settings, 3);
}

function expectSame(outcome: Outcome, expected: Outcome): void {
  if (outcome.digest !== expected.digest) expect(outcome.spikes).toEqual(expected.spikes);
  if (outcome.stateDigest !== expected.stateDigest) expect(outcome.states).toEqual(expected.states);
  expect([outcome.digest, outcome.stateDigest]).toEqual([expected.digest, expected.stateDigest]);
  expect(outcome.synapticEvents).toBe(expected.synapticEvents);
}

describe('any graph', () => {
  it('gives the same bits however it is divided and computed', () => {
    fc.assert(
      fc.property(fc.gen(), (g) => {
        const one = anyCase(g);
        const { graph, settings } = one;
        validateGraph(graph);
        checkSettings(graph, settings);
        const whole = wholePlan(graph, settings);
        const compiled = compiledNumerics(graph);
        const expected = drive(graph, whole);
        note(one, expected);
        const schedule = scheduleOf(g(fc.integer));
        expectSame(drive(graph, whole, { numerics: compiled, schedule }), expected);
        const cut = anyPlan(g, graph, settings);
        expectSame(drive(graph, cut, { schedule }), expected);
        expectSame(drive(graph, cut, { numerics: compiled, schedule: EAGER }), expected);
        expectSame(
          drive(graph, workersPlan(graph, settings, g(fc.integer, { min: 1, max: 4 })), { schedule }),
          expected,
        );
        // Threads of a federate are a division, too.
        const { plan } = splitOverThreads(graph, whole, 0, g(fc.integer, { min: 2, max: 4 }));
        expectSame(drive(graph, plan, { numerics: compiled, schedule }), expected);
      }),
      { numRuns: NUM_RUNS, seed: SEED, endOnFailure: process.env.CI === undefined },
    );
  });

  afterAll(() => {
    if (process.env.NIL_SHOW) console.log(seen);
    if (NUM_RUNS < 60) return;
    expect([...seen.models].sort()).toEqual(KINDS.map(({ model }) => model).sort());
    expect([...seen.rules].sort()).toEqual([...RULES].sort());
    expect(seen.lively / seen.graphs).toBeGreaterThan(0.5);
    expect(seen.zeroDelay / seen.graphs).toBeGreaterThan(0.2);
    expect(seen.cut / seen.graphs).toBeGreaterThan(0.5);
  });
});
