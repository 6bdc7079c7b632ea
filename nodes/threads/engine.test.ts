import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Plan } from '../../graph/plan.js';
import type { Graph } from '../../graph/types.js';
import { anyCase } from '../../test/determinism/any-graph.js';
import {
  DT_NS,
  graphOf,
  population,
  projection,
  settingsOf,
  wholePlan,
} from '../../test/determinism/build.js';
import { type DriveOptions, drive, EAGER, type Outcome, scheduleOf } from '../../test/determinism/driver.js';
import { FEED_FORWARD, RECURRENT } from '../../test/determinism/networks.js';
import { workersPlan } from '../../test/determinism/plans.js';
import { wasmNumerics } from '../wasm/numerics.js';
import { compileKernels, modulesOf } from '../wasm/prepare.js';
import { buildThreadedEngine } from './engine.js';

/** All federates of the plan, each on so many real threads; compiled kernels when asked for. */
async function threaded(
  graph: Graph,
  plan: Plan,
  threads: number,
  compiled: boolean,
  schedule = EAGER,
  snapshots: Pick<DriveOptions, 'from' | 'saveAt'> = {},
): Promise<Outcome> {
  const kernels = compiled ? await compileKernels(graph) : undefined;
  const numerics = kernels === undefined ? undefined : wasmNumerics(modulesOf(kernels));
  const engines = await Promise.all(
    plan.federates.map(({ index }) =>
      buildThreadedEngine({ graph, plan, federate: index, threads, numerics, kernels }),
    ),
  );
  try {
    return drive(graph, plan, { engines, schedule, ...snapshots });
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

  it.each([
    ['a recurrent network', RECURRENT],
    ['a feed-forward network without delays, with signals and payloads', FEED_FORWARD],
  ])('%s: goes on from snapshots of any number of threads', async (_, graph) => {
    const settings = settingsOf(200, 12);
    const whole = wholePlan(graph, settings);
    const two = workersPlan(graph, settings, 2);
    const expected = drive(graph, whole);
    const alone = drive(graph, two, { saveAt: 77 });
    const divided = await threaded(graph, two, 2, true, scheduleOf(3), { saveAt: 77 });
    expectSame(divided, expected);
    expect(divided.saved?.snapshots.length).toBe(2);
    expectSame(drive(graph, whole, { from: divided.saved }), expected);
    const again = await threaded(graph, whole, 3, true, EAGER, { from: alone.saved, saveAt: 78 });
    expectSame(again, expected);
    expectSame(await threaded(graph, two, 2, false, scheduleOf(4), { from: again.saved }), expected);
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
