import { describe, expect, it } from 'vitest';
import { type Graph, network } from '../../graph/index.js';
import { fitAdapter } from './constraints.js';
import type { Constraints } from './plugin.js';

const settings = { dtNs: 1e6, durationNs: 1e9, seed: 5 };

interface Case {
  readonly size?: number;
  readonly weight?:
    | number
    | { readonly uniform: { readonly low: number; readonly high: number } }
    | { readonly normal: { readonly mean: number; readonly std: number } };
  readonly delay?: string | { readonly uniform: { readonly low: string; readonly high: string } };
  readonly indegree?: number;
  readonly model?: string;
}

function graph({
  size = 10,
  weight = 3,
  delay = '2 ms',
  indegree = 4,
  model = 'external',
}: Case = {}): Graph {
  return network('n')
    .population('in', { model: 'poisson_source', size: 20, params: { rate: '5 Hz' } })
    .population('chip', { model, size, placement: 'board' })
    .adapter('board', { kind: 'chip' })
    .projection({ name: 'p', source: 'in', target: 'chip', rule: 'fixed_indegree', indegree, weight, delay })
    .build();
}

const fitted = (what: Case, constraints: Partial<Constraints>, lower = false) =>
  fitAdapter({
    graph: graph(what),
    settings,
    name: 'board',
    declaration: { kind: 'chip', direction: 'both', input: 'spikes' },
    constraints: { models: ['external'], ...constraints },
    lower,
  });

const bits = { weightBits: { bits: 8, signed: true } };
const steps = { delaySteps: { min: 1, max: 15 } };

describe('a constraint that is broken names population or projection, itself, what was found and the limit', () => {
  it.each<readonly [Case, Partial<Constraints>, string]>([
    [
      { size: 2000 },
      { neurons: 1024 },
      "populations.chip.size: adapter 'board' (chip) has the constraint neurons: found 2000 neurons, expected at most 1024",
    ],
    [
      { size: 2000 },
      { neurons: 1024, instances: 4 },
      'expected at most 1024, or 4096 over 4 instances (--lower changes it and says by how much)',
    ],
    [
      { size: 9000 },
      { neurons: 1024, instances: 4 },
      'found 9000 neurons, expected at most 1024, or 4096 over 4 instances',
    ],
    [
      { weight: { uniform: { low: -300, high: 300 } } },
      bits,
      "projections.p.weight: adapter 'board' (chip) has the constraint weightBits: found weights of",
    ],
    [
      { weight: 511 },
      bits,
      'found weights of 10 bits, expected at most 8 bits with the sign, times a power of two (--lower',
    ],
    [
      { weight: -1 },
      { weightBits: { bits: 8, signed: false } },
      'found the negative weight -1, expected at most 8 bits without a sign',
    ],
    [
      { delay: '200 ms' },
      steps,
      "projections.p.delay: adapter 'board' (chip) has the constraint delaySteps: found a delay of 200 ms (200 steps), expected 1 ms to 15 ms (15 steps) (--lower",
    ],
    [
      { delay: '200 ms' },
      { delayNs: { min: 0, max: 62e6 } },
      'has the constraint delayNs: found a delay of 200 ms (200 steps), expected 0 ms to 62 ms',
    ],
    [
      { indegree: 12 },
      { fanIn: 8 },
      "populations.chip: adapter 'board' (chip) has the constraint fanIn: found 12 synapses onto neuron 0, expected at most 8",
    ],
    [
      { size: 200 },
      { fanOut: 20 },
      "populations.in: adapter 'board' (chip) has the constraint fanOut: found",
    ],
    [{}, { synapses: 30 }, 'has the constraint synapses: found 40 synapses, expected at most 30'],
    [
      {},
      { models: ['iaf_psc_exp'] },
      "populations.chip.model: adapter 'board' (chip) has the constraint models: found external, expected one of iaf_psc_exp",
    ],
    [
      {},
      { stepNs: { min: 1e5, max: 1e5 } },
      "adapters.board: adapter 'board' (chip) has the constraint stepNs: found a step of 1 ms, expected 0.1 ms (--dt)",
    ],
  ])('%j under %j', (what, constraints, message) => {
    expect(() => fitted(what, constraints)).toThrow(message);
  });

  it.each([
    [
      { direction: 'source', input: 'none' },
      'is a source: found a projection to its population chip, expected none',
    ],
    [{ direction: 'both', input: 'none' }, 'is a source: found a projection'],
  ] as const)('direction %j', (declaration, message) => {
    const constraints = { models: ['external'] };
    const input = { graph: graph(), settings, name: 'board', constraints, lower: true };
    expect(() => fitAdapter({ ...input, declaration: { kind: 'chip', ...declaration } })).toThrow(message);
  });

  it('nothing to say about what fits', () => {
    const own = graph();
    const all = fitAdapter({
      graph: own,
      settings,
      name: 'board',
      declaration: { kind: 'chip', direction: 'both', input: 'spikes' },
      constraints: { models: ['external'], neurons: 10, fanIn: 4, synapses: 40, ...bits, ...steps },
      lower: true,
    });
    expect(all).toEqual({ graph: own, lowered: [], instances: 1, neurons: 10 });
    expect(all.graph).toBe(own);
  });
});

describe('with --lower', () => {
  it('weights share a power of two, and it is said by how much they changed', () => {
    const { graph: changed, lowered } = fitted({ weight: { normal: { mean: 100, std: 30 } } }, bits, true);
    const [{ weight, rule }] = changed.projections;
    if (!(weight instanceof Float64Array) || rule.kind !== 'pairs') throw new Error('not written out');
    expect(rule.sources.length).toBe(40);
    const unit = 2 ** (Number(/2\^(-?\d+)/.exec(lowered[0].what)?.[1]) || 0);
    for (const w of weight)
      expect(Math.abs(Math.round(w / unit) - w / unit) + (Math.abs(w / unit) > 127 ? 1 : 0)).toBe(0);
    expect(lowered).toEqual([
      expect.objectContaining({
        adapter: 'board',
        place: 'projections.p.weight',
        constraint: 'weightBits',
        changed: 40,
      }),
    ]);
    expect(lowered[0].maxChange).toBeGreaterThan(0);
    expect(lowered[0].maxChange).toBeLessThanOrEqual(unit / 2);
    // Nothing is left to lower.
    const again = fitAdapter({
      graph: changed,
      settings,
      name: 'board',
      declaration: { kind: 'chip', direction: 'both', input: 'spikes' },
      constraints: { models: ['external'], ...bits },
      lower: false,
    });
    expect(again.lowered).toEqual([]);
  });

  it('delays are clipped', () => {
    const { graph: changed, lowered } = fitted({ delay: '200 ms' }, steps, true);
    expect(changed.projections[0].delayNs).toBe(15e6);
    expect(lowered).toEqual([
      {
        adapter: 'board',
        place: 'projections.p.delay',
        constraint: 'delaySteps',
        what: 'delays clipped to 1 ms … 15 ms',
        changed: 40,
        maxChange: 185e6,
        maxRelativeChange: 185 / 200,
      },
    ]);
  });

  it('too many neurons go over several instances', () => {
    const { instances, neurons, lowered } = fitted({ size: 2500 }, { neurons: 1024, instances: 4 }, true);
    expect([instances, neurons]).toEqual([3, 1024]);
    expect(lowered[0]).toMatchObject({
      constraint: 'neurons',
      what: '2500 neurons (chip) over 3 instances of at most 1024',
    });
  });

  it('what can not be lowered is refused all the same', () => {
    expect(() => fitted({ indegree: 12 }, { fanIn: 8 }, true)).toThrow('fanIn');
    expect(() => fitted({ size: 9000 }, { neurons: 1024, instances: 4 }, true)).toThrow('neurons');
    expect(() => fitted({ weight: -1 }, { weightBits: { bits: 8, signed: false } }, true)).toThrow(
      'negative',
    );
  });
});
