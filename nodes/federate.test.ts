import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Plan } from '../graph/plan.js';
import {
  assignmentOf,
  DT,
  type Toy,
  toyEndpoints,
  toyEngine,
  toyPlan,
} from '../test/support/toy-federates.js';
import { type Command, runFederate } from './federate.js';
import type { Progress, RecordChunk } from './report.js';

/** Spikes as `step:neuron`, out of chunks that must follow each other. */
function spikesOf(chunks: readonly RecordChunk[], begin: number): string[] {
  const out: string[] = [];
  let step = 0;
  for (const chunk of chunks) {
    expect(chunk.beginStep).toBe(step);
    let at = 0;
    for (const count of chunk.counts) {
      for (const stop = at + count; at < stop; at++) out.push(`${step}:${begin + chunk.neurons[at]}`);
      step++;
    }
    expect(step).toBe(chunk.endStep);
  }
  return out;
}

async function runToy(
  toy: Toy,
  options: { creditSteps: number; windowSteps?: number; maxWindowSteps: number },
) {
  const plan = toyPlan(toy);
  const endpoints = toyEndpoints(plan, options.creditSteps * DT);
  const spikes = await Promise.all(
    plan.federates.map(async ({ index, slices }) => {
      const chunks: RecordChunk[] = [];
      const outcome = await runFederate({
        assignment: assignmentOf(plan, toy.size, index, options.windowSteps),
        engine: toyEngine(plan, index, toy.size, toy.delaySteps, options.maxWindowSteps),
        endpoint: endpoints[index],
        command: () => 'run',
        onProgress: () => {},
        onRecord: (chunk) => chunks.push(chunk),
      });
      expect(outcome.stopped).toBe(false);
      expect(outcome.last.clockNs).toBe(toy.steps * DT);
      return spikesOf(chunks, slices[0].begin);
    }),
  );
  return spikes.flat().sort();
}

describe('federates', () => {
  it('spike the same in any split, with any credit, window and buffer depth', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.record({
          size: fc.integer({ min: 4, max: 12 }),
          steps: fc.integer({ min: 1, max: 40 }),
          delaySteps: fc.integer({ min: 1, max: 6 }),
          cuts: fc.uniqueArray(fc.integer({ min: 1, max: 3 }), { maxLength: 3 }).map((cuts) => cuts.sort()),
        }),
        fc.record({
          creditSteps: fc.integer({ min: 1, max: 20 }),
          windowSteps: fc.option(fc.integer({ min: 1, max: 9 }), { nil: undefined }),
          maxWindowSteps: fc.integer({ min: 1, max: 9 }),
        }),
        async (toy, options) => {
          const alone = await runToy({ ...toy, cuts: [] }, { creditSteps: 1, maxWindowSteps: 8 });
          expect(alone.length).toBeGreaterThan(0);
          expect(await runToy(toy, options)).toEqual(alone);
        },
      ),
      { numRuns: 60 },
    );
  });

  it('pipeline through a channel without lookahead, and drain after their end', async () => {
    const toy = { size: 6, steps: 30, delaySteps: 0, cuts: [] };
    const plan: Plan = {
      ...toyPlan({ ...toy, cuts: [3] }),
      channels: [
        {
          from: 0,
          to: 1,
          lookaheadNs: 0,
          spikes: [{ population: 0, begin: 0, end: 3 }],
          signals: [],
          graded: false,
        },
      ],
    };
    const endpoints = toyEndpoints(plan, 4 * DT);
    const clocks = await Promise.all(
      plan.federates.map(async ({ index }) => {
        // Delay 1 inside the toy engine: what counts here is that the second one keeps behind the first one's promise.
        const engine = toyEngine(plan, index, 6, index === 0 ? 1 : 0, 8);
        const outcome = await runFederate({
          assignment: assignmentOf(plan, 6, index, 5),
          engine,
          endpoint: endpoints[index],
          command: () => 'run',
          onProgress: () => {},
          onRecord: () => {},
        });
        return outcome.last.clockNs;
      }),
    );
    expect(clocks).toEqual([3000, 3000]);
  });

  it('say whom they wait for, and keep what they recorded when stopped', async () => {
    const toy = { size: 6, steps: 1000, delaySteps: 2, cuts: [3] };
    const plan = toyPlan(toy);
    const [endpoint] = toyEndpoints(plan, Infinity);
    const reports: Progress[] = [];
    const chunks: RecordChunk[] = [];
    let command: Command = 'run';
    const outcome = await runFederate({
      assignment: assignmentOf(plan, 6, 0),
      engine: toyEngine(plan, 0, 6, 2, 8),
      endpoint,
      command: () => command,
      onProgress: (progress) => {
        reports.push(progress);
        if (reports.length === 3) command = 'stop';
      },
      onRecord: (chunk) => chunks.push(chunk),
    });
    // The other federate never speaks: two steps of lookahead are all there is.
    expect(outcome.stopped).toBe(true);
    expect(outcome.last.clockNs).toBe(200);
    expect(reports.at(-1)?.waits).toEqual([{ reason: 'horizon', federate: 1, untilNs: 0, needsNs: 100 }]);
    expect(chunks.at(-1)?.endStep).toBe(2);
  });

  it('fail when their channels are cut and nobody asked them to stop', async () => {
    const plan = toyPlan({ size: 6, steps: 1000, delaySteps: 2, cuts: [3] });
    let cut = false;
    const [endpoint] = toyEndpoints(plan, Infinity, () => cut);
    const chunks: RecordChunk[] = [];
    const run = runFederate({
      assignment: assignmentOf(plan, 6, 0),
      engine: toyEngine(plan, 0, 6, 2, 8),
      endpoint,
      command: () => 'run',
      onProgress: () => {
        cut = true;
      },
      onRecord: (chunk) => chunks.push(chunk),
    });
    await expect(run).rejects.toThrow('federate f0: its channels were cut at 200 ns');
    expect(chunks.at(-1)?.endStep).toBe(2);
  });

  it('stand still while paused and go on after it', async () => {
    const toy = { size: 4, steps: 20, delaySteps: 1, cuts: [] };
    const plan = toyPlan(toy);
    const seen: number[] = [];
    const assignment = assignmentOf(plan, 4, 0, 1);
    let asked = 0;
    // A clock that goes only while it is paused: no report is due before.
    let nowMs = 0;
    const outcome = await runFederate({
      assignment,
      engine: toyEngine(plan, 0, 4, 1, 8),
      endpoint: toyEndpoints(plan, 1)[0],
      nowMs: () => nowMs,
      command: () => {
        if (asked++ <= 5 || seen.length >= 3) return 'run';
        nowMs += assignment.reportMs;
        return 'pause';
      },
      onProgress: ({ clockNs }) => seen.push(clockNs),
      onRecord: () => {},
    });
    expect(seen).toEqual([600, 600, 600]);
    expect(outcome.last.clockNs).toBe(2000);
  });
});
