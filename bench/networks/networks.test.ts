import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { type Graph, InputError, loadGraph } from '../../graph/index.js';
import { brunel } from './brunel.js';
import { microcircuit, pspWeightPa } from './microcircuit.js';

const synapsesOf = (graph: Graph): number =>
  graph.projections.reduce((sum, { rule, target }) => {
    if (rule.kind === 'fixed_total_number') return sum + rule.n;
    if (rule.kind !== 'fixed_indegree') throw new Error(`no count for ${rule.kind}`);
    return sum + rule.indegree * (graph.populations.find(({ name }) => name === target)?.size ?? Number.NaN);
  }, 0);
const neuronsOf = (graph: Graph): number => graph.populations.reduce((sum, { size }) => sum + size, 0);

describe('the microcircuit', () => {
  it('is the example file at full scale', async () => {
    const path = fileURLToPath(new URL('../../examples/microcircuit.nil.yaml', import.meta.url));
    expect(await loadGraph(path)).toEqual(microcircuit());
  });

  it("has NEST's numbers of neurons and synapses, and its weight", () => {
    const graph = microcircuit();
    expect(neuronsOf(graph)).toBe(77_169);
    // Of numpy, with the formula of NEST's example.
    expect(synapsesOf(graph)).toBe(298_880_968);
    expect(pspWeightPa()).toBeCloseTo(87.80849352920843, 12);
    // Nine of the 64 probabilities are 0.
    expect(graph.projections.length).toBe(55);
  });

  it('weighs L4E to L23E twice, inhibition four times, and keeps signs', () => {
    const graph = microcircuit();
    const weight = (source: string, target: string) => {
      const { weight: value } = graph.projections.find((p) => p.source === source && p.target === target)!;
      if (typeof value !== 'object' || !('kind' in value) || value.kind !== 'normal')
        throw new Error('not drawn');
      return value;
    };
    const exc = weight('L23E', 'L23E');
    expect(weight('L4E', 'L23E').mean).toBe(2 * exc.mean);
    expect(weight('L4E', 'L23I').mean).toBe(exc.mean);
    expect(weight('L23I', 'L23E').mean).toBe(-4 * exc.mean);
    expect([exc.min, exc.max, weight('L5I', 'L5E').min, weight('L5I', 'L5E').max]).toEqual([
      0,
      undefined,
      undefined,
      0,
    ]);
  });

  it("is made smaller as in NEST's example", () => {
    const graph = microcircuit(0.1);
    expect(graph.populations.map(({ size }) => size)).toEqual([2068, 583, 2192, 548, 485, 107, 1440, 295]);
    expect(synapsesOf(graph)).toBe(2_988_807);
    const [stimulus] = graph.stimuli;
    if (stimulus.kind !== 'poisson') throw new Error('no background');
    expect(stimulus.rateHz).toBe(160 * 8);
    expect(stimulus.weight).toBeCloseTo(pspWeightPa() / Math.sqrt(0.1), 10);
    // Of numpy: the full network's mean input that is missing.
    expect(graph.populations.map(({ params }) => params.I_e)).toEqual(
      [
        94.9317796, 158.5485682, 168.8928452, 186.0023026, 127.0662392, 145.4385411, 84.3353522, 171.6592016,
      ].map((pa) => expect.closeTo(pa, 6)),
    );
  });

  it.each([0, -1, 1.1, Number.NaN])('has no scale %s', (scale) => {
    expect(() => microcircuit(scale)).toThrow(InputError);
  });
});

describe("Brunel's network", () => {
  it('grows with constant in-degrees, and shrinks to a tenth of its populations', () => {
    const indegrees = (scale: number) =>
      brunel(scale).projections.map(({ rule }) =>
        rule.kind === 'fixed_indegree' ? rule.indegree : Number.NaN,
      );
    expect(indegrees(1)).toEqual([1000, 1000, 250, 250]);
    expect(indegrees(4)).toEqual([1000, 1000, 250, 250]);
    expect(indegrees(0.1)).toEqual([100, 100, 25, 25]);
    expect([0.1, 1, 4].map((scale) => neuronsOf(brunel(scale)))).toEqual([1250, 12_500, 50_000]);
    expect(synapsesOf(brunel())).toBe(12_500 * 1250);
  });

  it('is driven by twice the rate that reaches threshold', () => {
    expect(brunel().stimuli.map((stimulus) => stimulus.kind === 'poisson' && stimulus.rateHz)).toEqual([
      20_000, 20_000,
    ]);
  });

  it('has no scale 0', () => {
    expect(() => brunel(0)).toThrow(InputError);
  });
});
