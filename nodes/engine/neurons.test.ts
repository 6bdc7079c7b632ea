import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { KernelData } from '../../graph/kernel/interpret.js';
import { deterministicMath } from '../../graph/math.js';
import { models } from '../../graph/models/index.js';
import type { Population } from '../../graph/types.js';
import { bits, graphOf, population, settingsOf, wholePlan } from '../../test/determinism/build.js';
import { Arena } from './arena.js';
import { type Block, layoutOf } from './layout.js';
import { bindNeurons } from './neurons.js';
import { interpreted } from './numerics.js';

function bind(of: Population, begin = 0, end = of.size, seed = 3): KernelData {
  const graph = graphOf([population('before', 'nir_output', 2), of]);
  const whole = layoutOf(graph, wholePlan(graph, settingsOf(1)), 0).blocks[1];
  const block: Block = { ...whole, begin, end, size: end - begin };
  const arena = new Arena('test');
  return bindNeurons({
    arena,
    graph,
    block,
    seed,
    dtMs: 0.1,
    accumulators: arena.f64(100),
    needsCurrent: false,
    numerics: interpreted,
  }).data;
}

/** The value of every neuron, whether it is one for all or not. */
const each = (data: KernelData, name: string): number[] =>
  data.columns[name] === undefined
    ? new Array<number>(data.size).fill(data.scalars[name])
    : [...data.columns[name]];

const spec = models.get('iaf_psc_exp');
if (spec === undefined) throw new Error('no model');

describe('parameters, constants and state of a block', () => {
  it('are one number for all where the graph says one: the model knows the rest', () => {
    const data = bind(population('p', 'iaf_psc_exp', 4, { params: { tau_m: 15 } }));
    const expected = spec.propagators(
      {
        ...Object.fromEntries(Object.entries(spec.parameters).map(([n, p]) => [n, p.default ?? 0])),
        tau_m: 15,
      },
      0.1,
      deterministicMath,
    );
    expect(Object.keys(data.columns).sort()).toEqual(Object.keys(spec.state).sort());
    expect(data.scalars).toMatchObject({ ...expected, tau_m: 15, E_L: -70 });
    expect(each(data, 'V_m')).toEqual([-70, -70, -70, -70]);
  });

  it('start from the parameter that the model names, from numbers, lists and distributions', () => {
    const E_L = Float64Array.of(-71, -72, -73);
    const list = bind(population('p', 'iaf_psc_exp', 3, { params: { E_L }, initial: { I_syn_ex: 5 } }));
    expect(each(list, 'V_m')).toEqual([-71, -72, -73]);
    expect(each(list, 'I_syn_ex')).toEqual([5, 5, 5]);
    // State is a copy: a step must not change parameters.
    list.columns.V_m.fill(0);
    expect(each(list, 'E_L')).toEqual([-71, -72, -73]);
    expect([...E_L]).toEqual([-71, -72, -73]);
    const drawn = each(
      bind(
        population('p', 'iaf_psc_exp', 200, { initial: { V_m: { kind: 'uniform', low: -70, high: -60 } } }),
      ),
      'V_m',
    );
    expect(new Set(drawn).size).toBe(200);
    expect(drawn.every((v) => v > -70 && v < -60)).toBe(true);
  });

  it('that vary make every constant vary with them, and nothing else', () => {
    const tau = Float64Array.of(10, 20, 10, 5);
    const data = bind(population('p', 'iaf_psc_exp', 4, { params: { tau_m: tau } }));
    const one = tau.map((tau_m, i) => {
      const alone = bind(population('p', 'iaf_psc_exp', 4, { params: { tau_m } }));
      return each(alone, 'P22')[i];
    });
    expect(bits(each(data, 'P22'))).toEqual(bits(one));
    expect(Object.keys(data.columns).sort()).toEqual(
      [...Object.keys(spec.state), ...spec.constants, 'tau_m'].sort(),
    );
  });

  it('are the same bits in every part of a population', () => {
    const value = fc.oneof(
      fc.constant({ kind: 'uniform', low: 1, high: 30 } as const),
      fc.constant({ kind: 'normal', mean: 10, std: 4, min: 1, max: 20 } as const),
      fc.constant({ kind: 'lognormal', mu: 2, sigma: 0.3, max: 30 } as const),
      fc
        .array(fc.constantFrom(5, 10, 10.1), { minLength: 12, maxLength: 12 })
        .map((list) => Float64Array.from(list)),
    );
    fc.assert(
      fc.property(
        value,
        value,
        fc.nat(11),
        fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER }),
        (a, b, cut, seed) => {
          const all = population('p', 'iaf_psc_exp', 12, {
            params: { tau_m: a, tau_syn_ex: b },
            initial: { V_m: a },
          });
          const whole = bind(all, 0, 12, seed);
          const parts = [bind(all, 0, cut, seed), bind(all, cut, 12, seed)];
          for (const name of [
            ...spec.constants,
            ...Object.keys(spec.parameters),
            ...Object.keys(spec.state),
          ]) {
            expect(bits(parts.flatMap((part) => each(part, name)))).toEqual(bits(each(whole, name)));
          }
        },
      ),
      { numRuns: 50 },
    );
  });

  it('of neurons that differ in the sign of a zero differ, in every part', () => {
    const all = population('p', 'nir_if', 4, { params: { r: Float64Array.of(0, -0, 0, -0) } });
    expect(each(bind(all), 'gain').map((x) => Object.is(x, -0))).toEqual([false, true, false, true]);
    expect(each(bind(all, 1, 3), 'gain').map((x) => Object.is(x, -0))).toEqual([true, false]);
  });

  it('draw by who the neuron is: variables, parameters and seeds have their own numbers', () => {
    const uniform = { kind: 'uniform', low: 0, high: 1 } as const;
    const names = ['tau_m', 'tau_syn_ex', 'C_m'];
    const params = Object.fromEntries(names.map((name) => [name, uniform]));
    const all = population('p', 'iaf_psc_exp', 8, { params, initial: { V_m: uniform, I_syn_ex: uniform } });
    const columns = [3, 4].flatMap((seed) => {
      const data = bind(all, 0, 8, seed);
      return [...names, 'V_m', 'I_syn_ex'].map((name) => each(data, name));
    });
    expect(new Set(columns.flat()).size).toBe(2 * 5 * 8);
  });

  it.each([
    [
      'tau_m',
      { kind: 'normal', mean: 1, std: 1 },
      /^populations\.p\.params\.tau_m: neuron \d+ drew -.* with seed 3, expected above 0: clip/,
    ],
    [
      't_ref',
      { kind: 'uniform', low: -1, high: 1 },
      /^populations\.p\.params\.t_ref: neuron \d+ drew -.*, expected at least 0: clip/,
    ],
    [
      'V_reset',
      { kind: 'uniform', low: -70, high: -50 },
      /^populations\.p\.params: neuron \d+ with seed 3: V_reset -5.* mV is not below V_th -55 mV/,
    ],
  ] as const)(
    'refuse drawn values of %s that the model cannot have, naming neuron and seed',
    (name, value, message) => {
      const wrong = population('p', 'iaf_psc_exp', 50, { params: { [name]: value } });
      expect(() => bind(wrong)).toThrow(message);
      // It is the neuron, not its place in a part.
      const neuron = Number(/neuron (\d+)/.exec(errorOf(() => bind(wrong)))?.[1]);
      expect(errorOf(() => bind(wrong, neuron, 50))).toBe(errorOf(() => bind(wrong)));
      expect(() => bind(wrong, 0, neuron)).not.toThrow();
    },
  );
});

function errorOf(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    return String(error);
  }
  return '';
}
