/** An adapter's part of a checkpoint is what a trail of its emissions would have said, however its log and its records are cut. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Graph, network } from '../../graph/index.js';
import { EmissionTrail } from '../../nodes/engine/trail.js';
import type { EmissionLog, RecordChunk } from '../../nodes/index.js';
import { adapterSnapshot, recordedIn } from './adapters.js';

const graph: Graph = network('one').population('chip', { model: 'spike_source', size: 8 }).build();
const slices = [{ population: 0, begin: 2, end: 7 }];
const plan = { federates: [{ index: 0, name: 'board', adapter: 'board', slices }] };

/** Spikes of each step, and lengths of the windows that they come in. */
const story = fc.record({
  steps: fc.array(fc.subarray([0, 1, 2, 3, 4]), { minLength: 1, maxLength: 60 }),
  windows: fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 8 }),
  graded: fc.boolean(),
});

/** The whole story in windows of these lengths, again and again. */
function logsOf(steps: readonly number[][], windows: readonly number[], graded: boolean): EmissionLog[] {
  const logs: EmissionLog[] = [];
  for (let beginStep = 0, w = 0; beginStep < steps.length; w++) {
    const endStep = Math.min(steps.length, beginStep + windows[w % windows.length]);
    const own = steps.slice(beginStep, endStep);
    const neurons = Uint32Array.from(own.flat());
    const values = graded ? { values: Float32Array.from(neurons, (n) => n + 0.5) } : {};
    logs.push({
      beginStep,
      endStep,
      spikes: { counts: Uint32Array.from(own, ({ length }) => length), neurons, ...values },
    });
    beginStep = endStep;
  }
  return logs;
}

describe("an adapter's part of a checkpoint", () => {
  it('is what a trail of its emissions says', () => {
    fc.assert(
      fc.property(
        story,
        fc.integer({ min: 1, max: 30 }),
        fc.nat(),
        ({ steps, windows, graded }, delaySteps, at) => {
          const step = 1 + (at % steps.length);
          const trail = new EmissionTrail(graph, slices, delaySteps);
          for (const log of logsOf(steps.slice(0, step), [1], graded)) trail.take({ ...log, signals: [] });
          // Silence isn't logged.
          const logs = logsOf(steps, windows, graded).filter(({ spikes }) => spikes.neurons.length > 0);
          const { emitted, parts, step: own } = adapterSnapshot(graph, plan, 0, logs, step, delaySteps);
          const expected = trail.emitted();
          expect({ own, parts }).toEqual({ own: step, parts: [] });
          expect(emitted.beginStep).toBe(expected.beginStep);
          expect(emitted.slices).toEqual(slices);
          expect(emitted.spikes.counts).toEqual(expected.spikes.counts);
          expect(emitted.spikes.neurons).toEqual(expected.spikes.neurons);
          if (graded && emitted.spikes.neurons.length > 0) {
            expect(emitted.spikes.values).toEqual(expected.spikes.values);
          }
        },
      ),
    );
  });

  it('has its records until then, and the next one has the rest', () => {
    fc.assert(
      fc.property(story, fc.nat(), ({ steps, windows }, at) => {
        const chunks = logsOf(steps, windows, false).map(
          ({ beginStep, endStep, spikes }): RecordChunk => ({ beginStep, endStep, ...spikes, states: [] }),
        );
        const step = at % (steps.length + 1);
        const found = [...recordedIn(chunks, 0, step), ...recordedIn(chunks, step, steps.length)];
        expect(found.flatMap(({ counts }) => [...counts])).toEqual(steps.map(({ length }) => length));
        expect(found.flatMap(({ neurons }) => [...neurons])).toEqual(steps.flat());
        let end = 0;
        for (const { beginStep, endStep, counts } of found) {
          expect([beginStep, counts.length]).toEqual([end, endStep - beginStep]);
          expect(beginStep >= step || endStep <= step).toBe(true);
          end = endStep;
        }
        expect(end).toBe(steps.length);
      }),
    );
  });
});
