import { describe, expect, it } from 'vitest';
import { type Comparison, type Measured, markdownOf, ratiosOf, sideOf } from './compare.js';

const ours: Measured = {
  build: 0.2,
  simulate: 1,
  peakMemoryBytes: 100e6,
  synapticEvents: 500,
  versions: { 'nil-runtime': '0.1.0' },
};
const peer: Measured = {
  build: 2,
  simulate: 10,
  peakMemoryBytes: 400e6,
  synapticEvents: 1000,
  versions: { nest: '3.10.0' },
};

describe('comparison with a peer', () => {
  it('takes the best of each figure over the runs', () => {
    const side = sideOf('ours', [ours, { ...ours, build: 0.1, simulate: 3 }]);
    expect(side.best).toMatchObject({ build: 0.1, simulate: 1, peakMemoryBytes: 100e6 });
    expect(side.runs).toHaveLength(2);
  });

  it('gives peer / ours, and throughput per event where the work differs', () => {
    expect(ratiosOf(ours, peer)).toEqual({ build: 10, simulate: 10, memory: 4, synapticEventsPerSecond: 5 });
    expect(ratiosOf({ ...ours, grants: 80 }, { ...peer, grants: 80 }).grantsPerSecond).toBe(10);
  });

  it('writes a table with a row for each side, the ratios and the skipped', () => {
    const comparison: Comparison = {
      name: 'brunel',
      what: '12,500 neurons',
      threads: 2,
      durationSeconds: 2,
      ours: sideOf('NIL Runtime', [ours]),
      peer: sideOf('NEST', [peer]),
      ratios: ratiosOf(ours, peer),
    };
    const table = markdownOf([comparison, { name: 'ring', what: '', skipped: 'no cc' }], '2 cores');
    expect(table).toContain('| brunel (12,500 neurons) | NIL Runtime | 0.2 | 1 | 0.5 | 100 | 500 |  |');
    expect(table).toContain('| brunel (12,500 neurons) | NEST | 2 | 10 | 5 | 400 | 100 |  |');
    expect(table).toContain('| | ratio | **10 ×** | **10 ×** | **10 ×** | **4 ×** | **5 ×** |  |');
    expect(table).toContain('| ring | skipped: no cc |');
  });
});
