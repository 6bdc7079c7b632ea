/**
 * A run that goes on from snapshots is the run that never stopped: the same spikes and the same bits of every recorded state, whoever
 * saved and whoever goes on. `NIL_RUNS` says how many graphs, `NIL_SEED` which.
 */
import fc, { type GeneratorValue } from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import {
  recordsBytes,
  recordsFromBytes,
  snapshotBytes,
  snapshotFromBytes,
} from '../../coordinator/checkpoint/blobs.js';
import type { Graph, Plan, RunSettings } from '../../graph/index.js';
import type { EngineSnapshot } from '../../nodes/engine/snapshot.js';
import { splitOverThreads } from '../../nodes/threads/split.js';
import { anyCase } from './any-graph.js';
import { anyPlan } from './any-plan.js';
import { DT_NS, graphOf, population, projection, settingsOf, wholePlan } from './build.js';
import { compiledNumerics } from './compiled.js';
import { drive, type Outcome, type Saved, scheduleOf } from './driver.js';
import { workersPlan } from './plans.js';

const NUM_RUNS = Number(process.env.NIL_RUNS ?? 60);
const SEED = Number(process.env.NIL_SEED ?? 21);

/** Proof that the property isn't about nothing. */
const seen = { graphs: 0, inFlight: 0, signals: 0, graded: 0, spikesAfter: 0 };

function note(saved: Saved, expected: Outcome): void {
  const [{ step }] = saved.snapshots;
  seen.graphs++;
  if (saved.snapshots.some(({ emitted }) => emitted.spikes.neurons.length > 0)) seen.inFlight++;
  if (saved.snapshots.some(({ emitted }) => emitted.signals !== undefined)) seen.signals++;
  if (saved.snapshots.some(({ emitted }) => emitted.spikes.values?.some((value) => value !== 1)))
    seen.graded++;
  if (expected.spikes.some(({ steps }) => steps.some((each) => each >= step))) seen.spikesAfter++;
}

function expectSame(outcome: Outcome, expected: Outcome): void {
  if (outcome.digest !== expected.digest) expect(outcome.spikes).toEqual(expected.spikes);
  if (outcome.stateDigest !== expected.stateDigest) expect(outcome.states).toEqual(expected.states);
  expect([outcome.digest, outcome.stateDigest]).toEqual([expected.digest, expected.stateDigest]);
  expect(outcome.synapticEvents).toBe(expected.synapticEvents);
}

function somePlan(g: GeneratorValue, graph: Graph, settings: RunSettings): Plan {
  const whole = wholePlan(graph, settings);
  switch (g(fc.integer, { min: 0, max: 3 })) {
    case 0:
      return whole;
    case 1:
      // Threads of a federate are a division, too.
      return splitOverThreads(graph, whole, 0, g(fc.integer, { min: 2, max: 4 })).plan;
    case 2:
      return workersPlan(graph, settings, g(fc.integer, { min: 1, max: 4 }));
    default:
      return anyPlan(g, graph, settings);
  }
}

/** As it is after it was kept in a store. */
function savedBy(outcome: Outcome): Saved {
  if (outcome.saved === undefined) throw new Error('nothing was saved');
  const { plan, snapshots, chunks } = outcome.saved;
  const recorded = plan.federates.map(({ slices }, i) => ({ slices, chunks: chunks[i] }));
  const read = recordsFromBytes(recordsBytes(recorded));
  return {
    plan: { ...plan, federates: read.map(({ slices }, index) => ({ index, name: '', slices })) },
    snapshots: snapshots.map((snapshot) => snapshotFromBytes(snapshotBytes(snapshot))),
    chunks: read.map((own) => own.chunks),
  };
}

describe('snapshots of any graph', () => {
  it('go on as if nobody had stopped, on any other division, again and again', () => {
    fc.assert(
      fc.property(fc.gen(), (g) => {
        const { graph, settings } = anyCase(g);
        const steps = settings.durationNs / settings.dtNs;
        const compiled = compiledNumerics(graph);
        const numerics = (): { numerics?: typeof compiled } => (g(fc.boolean) ? { numerics: compiled } : {});
        const schedule = scheduleOf(g(fc.integer));
        const expected = drive(graph, wholePlan(graph, settings));
        const saveAt = g(fc.integer, { min: 1, max: steps - 1 });
        const first = drive(graph, somePlan(g, graph, settings), { ...numerics(), schedule, saveAt });
        expectSame(first, expected);
        const saved = savedBy(first);
        note(saved, expected);
        expectSame(
          drive(graph, somePlan(g, graph, settings), { ...numerics(), schedule, from: saved }),
          expected,
        );
        // What has gone on can be saved, too, at once or later.
        const later = g(fc.integer, { min: saveAt + 1, max: steps });
        const second = drive(graph, somePlan(g, graph, settings), {
          ...numerics(),
          schedule,
          from: saved,
          saveAt: later,
        });
        expectSame(second, expected);
        const third = { ...numerics(), schedule, from: savedBy(second) };
        expectSame(drive(graph, somePlan(g, graph, settings), third), expected);
      }),
      { numRuns: NUM_RUNS, seed: SEED, endOnFailure: process.env.CI === undefined },
    );
  });

  it('that lack something are refused', () => {
    const cells = population('cells', 'iaf_psc_delta', 5);
    const rule = { kind: 'all_to_all' } as const;
    const loop = projection('cells', 'cells', { rule, delayNs: 5 * DT_NS });
    const graph = graphOf([cells], [loop]);
    const whole = wholePlan(graph, settingsOf(40));
    const saved = savedBy(drive(graph, whole, { saveAt: 20 }));
    const [snapshot] = saved.snapshots;
    const goOn =
      (...snapshots: EngineSnapshot[]) =>
      () =>
        drive(graph, whole, { from: { ...saved, snapshots } });
    const [part] = snapshot.parts;
    expect(Object.keys(part.state).length).toBeGreaterThan(0);
    expect(snapshot.emitted.spikes.counts.length).toBe(5);
    expect(goOn(snapshot)).not.toThrow();
    expect(goOn()).toThrow('found none, expected snapshots of one step');
    expect(goOn(snapshot, { ...snapshot, step: 21 })).toThrow('found some of steps 20, 21');
    expect(goOn(snapshot, snapshot)).toThrow('neurons [0, 5): found 10 of 5 neurons');
    expect(goOn({ ...snapshot, parts: [] })).toThrow('neurons [0, 5): found 0 of 5 neurons');
    expect(goOn({ ...snapshot, parts: [{ ...part, state: {} }] })).toThrow('found no state V_m');
    const late = { ...snapshot.emitted, beginStep: 16 };
    expect(goOn({ ...snapshot, emitted: late })).toThrow('expected all from step 15 on');
  });

  afterAll(() => {
    if (process.env.NIL_SHOW) console.log(seen);
    if (NUM_RUNS < 60) return;
    expect(seen.inFlight / seen.graphs).toBeGreaterThan(0.5);
    expect(seen.spikesAfter / seen.graphs).toBeGreaterThan(0.5);
    expect(seen.signals).toBeGreaterThan(5);
    expect(seen.graded).toBeGreaterThan(2);
  });
});
