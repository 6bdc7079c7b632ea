/** Graphs and a plan that the corpora are made of. */
import { parseGraph } from '../../../graph/file.js';
import type { Plan } from '../../../graph/plan.js';
import type { Graph } from '../../../graph/types.js';
import { corpusOf, textOf } from '../corpus.js';

/** Every graph of the YAML corpus that is good. */
export function goodGraphs(): readonly Graph[] {
  return corpusOf('yaml').flatMap((bytes) => {
    try {
      return [parseGraph(textOf(bytes), 'seed.nil.yaml', { memoryLimitBytes: MEMORY_BYTES })];
    } catch {
      return [];
    }
  });
}

/** The one with a bit of everything; `PLAN` is one of it. */
export function goodGraph(): Graph {
  return goodGraphs().find(({ name }) => name === 'small') as Graph;
}

/** Small, so that what a case asks for is decided by the reader and not by this machine. */
export const MEMORY_BYTES = 2 ** 24;

const slices = (begin: number, end: number) => [{ population: 1, begin, end }];

export const PLAN: Plan = {
  dtNs: 100_000,
  durationNs: 100_000_000,
  seed: 1,
  federates: [
    { index: 0, name: 'a', slices: slices(0, 2) },
    { index: 1, name: 'b', slices: slices(2, 4) },
  ],
  channels: [
    { from: 0, to: 1, lookaheadNs: 1_500_000, spikes: slices(0, 2), signals: [], graded: false },
    { from: 1, to: 0, lookaheadNs: 1_500_000, spikes: slices(2, 4), signals: slices(2, 4), graded: true },
  ],
};
