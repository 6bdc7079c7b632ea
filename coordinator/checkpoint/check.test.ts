import { describe, expect, it } from 'vitest';
import type { Graph } from '../../graph/index.js';
import type { EngineSnapshot } from '../../nodes/index.js';
import { drive, type Saved } from '../../test/determinism/driver.js';
import { balanced, settings, splitPlan } from '../../test/integration/networks.js';
import { checkCheckpoint } from './check.js';
import type { Manifest } from './manifest.js';

const graph = balanced();
const run = settings(10);
const STEP = 60;

function saved(): Saved {
  const outcome = drive(graph, splitPlan(graph, run, [0.5]), { saveAt: STEP });
  if (outcome.saved === undefined) throw new Error('nothing was saved');
  return outcome.saved;
}
const { plan, snapshots, chunks } = saved();
const records = plan.federates.map(({ slices }, i) => ({ slices, chunks: chunks[i] }));

const check = (change: {
  manifest?: Partial<Manifest>;
  graph?: Graph;
  snapshot?: Partial<EngineSnapshot>;
  records?: typeof records;
}): void => {
  const [first, ...others] = snapshots;
  const manifest = { step: STEP, settings: run, ...change.manifest } as Manifest;
  checkCheckpoint(
    manifest,
    change.graph ?? graph,
    [{ ...first, ...change.snapshot }, ...others],
    change.records ?? records,
  );
};

describe('a checkpoint', () => {
  it('of a run is taken', () => {
    expect(() => check({})).not.toThrow();
  });

  it('whose parts do not belong together is refused', () => {
    const [{ emitted, parts }] = snapshots;
    const beyond = { population: 1, begin: 0, end: 41 };
    expect(() => check({ manifest: { step: 100 } })).toThrow('step 100 of a run that ends before');
    expect(() => check({ snapshot: { step: 59 } })).toThrow('a snapshot of step 59, expected 60');
    expect(() => check({ snapshot: { emitted: { ...emitted, slices: [beyond] } } })).toThrow(
      'neurons 0 to 41 of population 1, which the graph has not',
    );
    const nowhere = { ...parts[0], population: 2 };
    expect(() => check({ snapshot: { parts: [nowhere] } })).toThrow('of population 2');
    const [{ slices, chunks: own }] = records;
    const late = own.map((chunk) => ({
      ...chunk,
      beginStep: chunk.beginStep + 40,
      endStep: chunk.endStep + 40,
    }));
    expect(() => check({ records: [{ slices, chunks: late }] })).toThrow(
      /found records of step \d+, expected none after 60/,
    );
    expect(() => check({ records: [{ slices: [], chunks: own }] })).toThrow(/chunk \d+: found neuron/);
    expect(() => check({ graph: { ...graph, populations: [] } })).toThrow();
  });
});
