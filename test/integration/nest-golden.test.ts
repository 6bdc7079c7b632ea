import { readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { readGolden, runNetwork, traceError } from '../peers/nest/golden.js';

const FOLDER = new URL('../peers/nest/golden/', import.meta.url);
const files = readdirSync(FOLDER).filter((name) => name.startsWith('iaf_'));

describe('against NEST', () => {
  it('has a golden file for currents, spike trains and a network of every model', () => {
    const parts = ['currents', 'trains', 'network'];
    const models = ['iaf_psc_alpha', 'iaf_psc_delta', 'iaf_psc_exp'];
    expect(files).toEqual(models.flatMap((model) => parts.map((part) => `${model}-${part}.json`)).sort());
  });

  describe.each(files)('%s', (file) => {
    const golden = readGolden(new URL(file, FOLDER));
    const outcome = runNetwork(golden);

    it.each(Object.entries(golden.expected.spikes))('%s spikes in the same steps', (population, expected) => {
      expect(outcome.spikes[population]).toEqual(expected);
    });

    it.each(
      golden.expected.states.map((trace) => ({
        ...trace,
        what: `${trace.population}[${trace.neuron}].${trace.variable}`,
      })),
    )('$what within 1e-9', (trace) => {
      expect(traceError(golden, trace, outcome)).toBeLessThan(1e-9);
    });
  });

  it('compares something: networks fire, and a changed trace is noticed', () => {
    const golden = readGolden(new URL('iaf_psc_exp-network.json', FOLDER));
    const outcome = runNetwork(golden);
    expect(golden.expected.spikes.exc.steps.length).toBeGreaterThan(300);
    const [trace] = golden.expected.states;
    const changed = { ...trace, values: trace.values.with(100, trace.values[100] * (1 + 2e-9)) };
    expect(traceError(golden, changed, outcome)).toBeGreaterThan(1e-9);
  });
});
