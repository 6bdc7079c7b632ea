import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Distribution, Graph } from '../../graph/types.js';
import {
  bits,
  DT_NS,
  graphOf,
  population,
  projection,
  settingsOf,
  spikes,
  wholePlan,
} from '../../test/determinism/build.js';
import { compiledNumerics } from '../../test/determinism/compiled.js';
import { drive, scheduleOf } from '../../test/determinism/driver.js';
import { Arena } from '../engine/arena.js';
import { interpreted } from '../engine/numerics.js';
import { poissonTable } from '../random/index.js';
import { wasmNumerics } from './numerics.js';

const wasm = wasmNumerics(new Map());

describe('the kernels in the tree', () => {
  it('are what their sources give', { timeout: 300_000 }, () => {
    expect(execFileSync('node', ['nodes/wasm/generate.mjs', '--check'], { encoding: 'utf8' })).toBe('');
  });
});

describe('Poisson input', () => {
  const mean = fc.oneof(
    fc.constantFrom(0, 1e-12, 1e-9, 1e-3, 0.8, 1, 7.5),
    fc.double({ min: 0, max: 30, noNaN: true }),
    fc.double({ min: 30, max: 3000, noNaN: true }),
  );
  const anyInput = fc.record({
    mean,
    begin: fc.oneof(fc.nat(70), fc.integer({ min: 2 ** 31, max: 2 ** 32 - 200 })),
    size: fc.integer({ min: 0, max: 90 }),
    weight: fc.double({ min: -10, max: 10, noNaN: true }),
    seed: fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER }),
    stimulus: fc.nat(300),
    place: fc.nat(5),
    steps: fc.array(fc.oneof(fc.nat(1000), fc.integer({ min: 0, max: 2 ** 32 - 1 })), {
      minLength: 1,
      maxLength: 4,
    }),
  });

  it('adds the bits that the interpreter adds, for any range, mean, step and seed', () => {
    fc.assert(
      fc.property(anyInput, ({ mean: m, begin, size, weight, seed, stimulus, place, steps }) => {
        const input = { begin, end: begin + size, weight, table: poissonTable(m), seed, stimulus };
        const [one, other] = [interpreted, wasm].map((numerics) => {
          const arena = new Arena('test');
          const sums = arena.f64(size + 10);
          sums.forEach((_, i) => {
            sums[i] = i / 8;
          });
          const add = numerics.poisson(arena, sums, input);
          for (const step of steps) add(step, place);
          return bits(sums);
        });
        expect(other).toEqual(one);
      }),
      { numRuns: 300 },
    );
  });

  it('draws by neuron: parts, however unaligned, are the whole', () => {
    const table = poissonTable(2.5);
    const arena = new Arena('test');
    const run = (begin: number, end: number): number[] => {
      const sums = arena.f64(end - begin);
      wasm.poisson(arena, sums, { begin, end, weight: 1, table, seed: 99, stimulus: 3 })(17, 0);
      return [...sums];
    };
    const whole = run(0, 100);
    expect(new Set(whole).size).toBeGreaterThan(5);
    for (const cuts of [[1], [15, 16, 17], [3, 35, 36, 99]]) {
      const bounds = [0, ...cuts, 100];
      expect(bounds.slice(1).flatMap((end, i) => run(bounds[i], end))).toEqual(whole);
    }
  });

  it('counts to the last threshold', () => {
    // With so few words between thresholds, the largest counts come only from the largest words.
    for (const m of [1e-9, 0.01, 1000]) {
      const table = poissonTable(m);
      expect(table.count(0xffff, () => 0xffffffff)).toBe(table.largest);
      expect(table.count(0, () => 0)).toBe(table.first);
      const thresholds = [...table.high].map((high, i) => high * 2 ** 32 + table.low[i]);
      expect(thresholds.every((t, i) => i === 0 || t >= thresholds[i - 1])).toBe(true);
    }
  });
});

/** Everything that a target sums, as its recorded value, in both numerics. */
function expectSame(graph: Graph, steps: number, seed = 1): number {
  const plan = wholePlan(graph, settingsOf(steps, seed));
  const one = drive(graph, plan);
  const other = drive(graph, plan, { numerics: compiledNumerics(graph), schedule: scheduleOf(seed) });
  if (one.stateDigest !== other.stateDigest) expect(other.states).toEqual(one.states);
  expect(other.stateDigest).toBe(one.stateDigest);
  expect(other.digest).toBe(one.digest);
  expect(other.synapticEvents).toBe(one.synapticEvents);
  const { values } = one.states[0];
  // Sums without a single bit of rounding error: the sum over targets and steps is what all events together bring.
  expect(new Set(values).size).toBeGreaterThan(2);
  return one.synapticEvents;
}

const record = (name: string) => ({ kind: 'state', population: name, variables: ['value'] }) as const;

describe('delivery', () => {
  const sizes = { sources: 300, targets: 500 };
  const dense = (
    weight: number | Distribution | Float64Array,
    delayNs: number | Distribution,
    indegree = 120,
  ): Graph =>
    graphOf(
      [
        population('s', 'poisson_source', sizes.sources, { params: { rate: 900 } }),
        population('t', 'nir_output', sizes.targets),
      ],
      [projection('s', 't', { rule: { kind: 'fixed_indegree', indegree }, weight, delayNs })],
      [],
      [record('t')],
    );
  const normal = { kind: 'normal', mean: 1, std: 0.3 } as const;

  it.each([
    ['one weight, one delay', 0.3, 7 * DT_NS],
    ['one weight, no delay', 0.3, 0],
    ['one weight, many delays', -0.7, { kind: 'uniform', low: DT_NS, high: 30 * DT_NS }],
    ['float32 weights', normal, 2 * DT_NS],
    ['float32 weights, many delays', normal, { kind: 'normal', mean: 15 * DT_NS, std: 6 * DT_NS }],
    [
      'float32 weights, more delays than fit in a byte',
      normal,
      { kind: 'uniform', low: 0, high: 700 * DT_NS },
    ],
    ['float64 weights', Float64Array.from({ length: 500 * 120 }, (_, i) => Math.sin(i)), 3 * DT_NS],
  ] as const)('%s: the same bits', (_, weight, delayNs) => {
    expect(expectSame(dense(weight, delayNs), 60)).toBeGreaterThan(10_000);
  });

  it('of float64 weights with a delay each', () => {
    const graph = dense(
      Float64Array.from({ length: 500 * 120 }, (_, i) => Math.cos(i)),
      DT_NS,
    );
    const delayNs = Float64Array.from({ length: 500 * 120 }, (_, i) => (1 + (i % 41)) * DT_NS);
    expectSame({ ...graph, projections: [{ ...graph.projections[0], delayNs }] }, 60);
  });

  it('of synapses without delay beside delayed ones, in one group', () => {
    const graph = dense(0.25, DT_NS, 40);
    const delayNs = Float64Array.from({ length: 500 * 40 }, (_, i) => (i % 5) * DT_NS);
    expectSame({ ...graph, projections: [{ ...graph.projections[0], delayNs }] }, 60);
  });

  it('of more at once than the first piece of memory for queues holds', () => {
    const graph = graphOf(
      [
        population('s', 'poisson_source', 40, { params: { rate: 8000 } }),
        population('t', 'nir_output', 3000),
      ],
      [
        projection('s', 't', {
          rule: { kind: 'fixed_indegree', indegree: 80 },
          weight: normal,
          delayNs: { kind: 'normal', mean: 100 * DT_NS, std: 25 * DT_NS },
        }),
      ],
      [],
      [{ ...record('t'), everyNs: 7 * DT_NS }],
    );
    expect(expectSame(graph, 250)).toBeGreaterThan(10_000_000);
  });

  it('of payloads, rounded to the quantum, ties to even', () => {
    const events = Array.from(
      { length: 400 },
      (_, i) => [Math.floor(i / 8), (i * 5) % 8, Math.fround(Math.sin(i) * 3)] as const,
    );
    const list = [...events].sort(([a, b], [c, d]) => a - c || b - d);
    for (const [weight, delayNs] of [
      [0.37, 0],
      [1 / 3, 2 * DT_NS],
      [normal, { kind: 'uniform', low: DT_NS, high: 9 * DT_NS }],
      [Float64Array.from({ length: 64 }, (_, i) => Math.exp(i / 10)), DT_NS],
    ] as const) {
      const graph = graphOf(
        [population('s', 'spike_source', 8), population('t', 'nir_output', 16)],
        [projection('s', 't', { rule: { kind: 'fixed_indegree', indegree: 4 }, weight, delayNs })],
        [spikes('s', list)],
        [record('t')],
      );
      expectSame(graph, 70);
    }
  });
});
