/** Equations against Brian2: test/peers/brian2/golden.json, made by make_golden.py. */
import { describe, expect, it } from 'vitest';
import { peerModels, readTraces, runModel, worstDifference } from '../peers/brian2/golden.js';

const golden = readTraces();

describe('equations against Brian2', () => {
  it.each(Object.entries(peerModels))('%s: the same spikes, traces within 1e-9', (name, spec) => {
    const other = golden[name];
    const mine = runModel(name, spec, other.everySteps);
    expect(mine.spikes).toEqual(other.spikes);
    expect(worstDifference(mine, other)).toBeLessThan(1e-9);
  });

  it('are twelve models or more by methods of both, most of which spike', () => {
    const methods = Object.values(peerModels).map(({ method }) => method);
    expect(
      methods.filter((method) => method === 'exact' || method === 'exponential_euler').length,
    ).toBeGreaterThanOrEqual(12);
    expect(Object.values(golden).filter(({ spikes }) => spikes.length > 0).length).toBeGreaterThanOrEqual(6);
    const { lif } = golden;
    const changed = { ...lif, traces: { v: lif.traces.v.with(50, lif.traces.v[50] * (1 + 2e-9)) } };
    expect(worstDifference(runModel('lif', peerModels.lif, lif.everySteps), changed)).toBeGreaterThan(1e-9);
  });
});
