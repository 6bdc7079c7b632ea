import { describe, expect, it } from 'vitest';
import type { Plan } from '../../graph/index.js';
import type { RecordChunk } from '../../nodes/index.js';
import { RunRecords } from './kept-records.js';

/** A spike of neuron `step` in each step. */
const chunk = (beginStep: number, endStep: number): RecordChunk => ({
  beginStep,
  endStep,
  counts: new Uint32Array(endStep - beginStep).fill(1),
  neurons: Uint32Array.from({ length: endStep - beginStep }, (_, i) => beginStep + i),
  states: [],
});

describe('what a run recorded', () => {
  it('has each step once where a checkpoint ends within what an adapter tells again', () => {
    const slices = [{ population: 0, begin: 0, end: 100 }];
    const plan: Plan = {
      dtNs: 1,
      durationNs: 100,
      seed: 1,
      federates: [{ index: 0, name: 'board', adapter: 'board', slices }],
      channels: [],
    };
    const records = new RunRecords(undefined);
    records.takeUp(plan, [{ slices, chunks: [chunk(0, 10), chunk(10, 15)] }]);
    for (const told of [chunk(10, 20), chunk(20, 30)]) records.keep(0, told);
    const [own] = records.chunks;
    expect(own.map(({ beginStep, endStep }) => [beginStep, endStep])).toEqual([
      [0, 10],
      [10, 15],
      [15, 20],
      [20, 30],
    ]);
    expect(own.flatMap(({ neurons }) => [...neurons])).toEqual(Array.from({ length: 30 }, (_, i) => i));
  });
});
