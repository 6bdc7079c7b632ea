import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { kernelOf } from '../../kernel/check.js';
import { interpretKernel } from '../../kernel/interpret.js';
import { deterministicMath } from '../../math.js';
import type { ModelSpec } from '../../model.js';
import { models } from '../index.js';
import { nirModels } from './index.js';

const DT_MS = 0.1;
const DT = DT_MS / 1000;

interface Course {
  readonly v: number[];
  readonly spikes: number[];
}

/** One neuron from v = start, over a series of inputs. */
function courseOf(
  name: string,
  params: Record<string, number>,
  inputs: readonly number[],
  start = 0,
): Course {
  const model = models.get(name) as ModelSpec;
  const all = {
    ...Object.fromEntries(Object.entries(model.parameters).map(([k, p]) => [k, p.default ?? 0])),
    ...params,
  };
  expect(model.check?.(all)).toBeUndefined();
  const columns = Object.fromEntries(
    Object.keys(model.state).map((key) => [key, Float64Array.of(key === 'v' ? start : 0)]),
  );
  const accumulators = new Float64Array(1);
  const data = {
    size: 1,
    scalars: { ...all, ...model.propagators(all, DT_MS, deterministicMath) },
    columns,
    accumulators,
    fired: new Uint32Array(1),
    output: model.emits === 'signal' ? new Float64Array(1) : undefined,
  };
  const step = interpretKernel(kernelOf(model), data);
  const course: Course = { v: [], spikes: [] };
  inputs.forEach((x, k) => {
    accumulators[0] = x;
    if (step([0]) > 0) course.spikes.push(k);
    course.v.push((columns.v ?? columns.value ?? columns.x)[0]);
  });
  return course;
}

/** Fourth-order Runge-Kutta with many small steps: what an exact integration has to agree with. */
function integrate(
  derivative: (y: number[], x: number) => number[],
  y0: number[],
  inputs: readonly number[],
): number[][] {
  const n = 400;
  const h = DT / n;
  let y = y0;
  return inputs.map((x) => {
    for (let i = 0; i < n; i++) {
      const shift = (k: number[], f: number): number[] => y.map((v, j) => v + f * k[j]);
      const k1 = derivative(y, x);
      const k2 = derivative(shift(k1, h / 2), x);
      const k3 = derivative(shift(k2, h / 2), x);
      const k4 = derivative(shift(k3, h), x);
      y = y.map((v, j) => v + (h / 6) * (k1[j] + 2 * k2[j] + 2 * k3[j] + k4[j]));
    }
    return y;
  });
}

const inputs = fc.array(fc.double({ min: -3, max: 3, noNaN: true }), { minLength: 1, maxLength: 20 });
const tau = fc.double({ min: 2e-4, max: 0.05, noNaN: true });
const level = fc.double({ min: -2, max: 2, noNaN: true });

describe('exact integration', () => {
  test('LI', () => {
    fc.assert(
      fc.property(tau, level, level, inputs, (t, r, leak, xs) => {
        const { v } = courseOf('nir_li', { tau: t, r, v_leak: leak }, xs);
        const expected = integrate(([u], x) => [(leak - u + r * x) / t], [0], xs);
        v.forEach((u, k) => {
          expect(u).toBeCloseTo(expected[k][0], 9);
        });
      }),
      { numRuns: 30 },
    );
  });

  test('CubaLI, equal and nearly equal time constants too', () => {
    const pairOfTaus = fc
      .tuple(tau, fc.oneof(tau, fc.constantFrom(1, 1 + 1e-15, 1 + 1e-9, 1 - 1e-6)))
      .map(([a, b]) => [a, b > 0.5 ? a * b : b]);
    fc.assert(
      fc.property(pairOfTaus, level, level, level, inputs, ([mem, syn], r, leak, w, xs) => {
        const { v } = courseOf('nir_cuba_li', { tau_mem: mem, tau_syn: syn, r, v_leak: leak, w_in: w }, xs);
        const expected = integrate(([i, u], x) => [(w * x - i) / syn, (leak - u + r * i) / mem], [0, 0], xs);
        v.forEach((u, k) => {
          expect(u).toBeCloseTo(expected[k][1], 9);
        });
      }),
      { numRuns: 30 },
    );
  });

  test('LIF: the reset is when v meets the threshold, and v goes on from it', () => {
    fc.assert(
      fc.property(
        tau,
        fc.double({ min: -1, max: 0.4, noNaN: true }),
        fc.double({ min: 1.2, max: 8, noNaN: true }),
        (t, reset, x) => {
          const params = { tau: t, v_threshold: 0.5, v_reset: reset };
          const { v, spikes } = courseOf('nir_lif', params, [x]);
          const at = -t * Math.log((0.5 - x) / -x);
          expect(spikes).toEqual(at < DT ? [0] : []);
          const expected = at < DT ? x + (reset - x) * Math.exp(-(DT - at) / t) : x * -Math.expm1(-DT / t);
          expect(v[0]).toBeCloseTo(expected, 10);
        },
      ),
    );
  });

  test('LIF: a v that is above the threshold at the start of a step is reset there', () => {
    const { v, spikes } = courseOf('nir_lif', { tau: 0.01, v_threshold: 1 }, [5], 3);
    expect(spikes).toEqual([0]);
    expect(v[0]).toBeCloseTo(-5 * Math.expm1(-0.01), 12);
  });

  test('IF: charges by default, currents when held', () => {
    const params = { r: 0.6, v_threshold: 1, v_reset: 0.25 };
    expect(courseOf('nir_if', params, [1, 1, 1])).toEqual({ v: [0.6, 0.25, 0.85], spikes: [1] });
    expect(courseOf('nir_if', { ...params, reset: 1 }, [1, 1]).v[1]).toBeCloseTo(0.2, 12);
    const held = courseOf('nir_if', { ...params, r: 6000, per_step: 0 }, [1, 1]);
    expect(held.spikes).toEqual([1]);
    expect(held.v[1]).toBeCloseTo(0.25 + 0.2, 12);
    expect(courseOf('nir_if', { ...params, v_min: -0.5 }, [-10]).v).toEqual([-0.5]);
    expect(courseOf('nir_i', { r: 2 }, [1, -3]).v).toEqual([2, -4]);
  });
});

describe('spikes and resets', () => {
  const euler = { tau: 0.001, v_threshold: 0.1, discretisation: 1, v_reset: -0.5 };

  test('equal to the threshold is no spike', () => {
    expect(courseOf('nir_threshold', { threshold: 1 }, [1, 1 + 1e-12, 0])).toEqual({
      v: [1, 1 + 1e-12, 0],
      spikes: [1],
    });
    expect(courseOf('nir_if', { v_threshold: 1 }, [1, 0]).spikes).toEqual([]);
  });

  test.each([
    [0, [0.05, -0.5]],
    [1, [0.05, 0.045 + 0.1 - 0.1]],
    [2, [0.05, 0]],
    [3, [0.05, 0.045 + 0.1 - 0.1]],
  ])('reset %d', (reset, expected) => {
    const { v, spikes } = courseOf('nir_lif', { ...euler, reset }, [0.5, 1]);
    expect(spikes).toEqual([1]);
    expect(v).toEqual(expected.map((x) => expect.closeTo(x, 12)));
  });

  test("reset 3: above the threshold after its reset, v is compared with twice the threshold, as snnTorch's reset_delay=False does", () => {
    const course = (reset: number): number[] => courseOf('nir_lif', { ...euler, reset }, [3, 0, 0, 0]).spikes;
    expect(course(1)).toEqual([0, 1]);
    expect(course(3)).toEqual([0]);
  });

  test('forward Euler: the synapse first, then the membrane from the new current', () => {
    const params = { tau_syn: 0.0002, tau_mem: 0.001, r: 2, w_in: 3, v_threshold: 100, discretisation: 1 };
    const [alpha, beta] = [0.5, 0.9];
    let [i, v] = [0, 0];
    const xs = [1, 0, 2, -1];
    const expected = xs.map((x) => {
      i = alpha * i + 0.5 * 3 * x;
      v = beta * v + 0.1 * 2 * i;
      return expect.closeTo(v, 12);
    });
    expect(courseOf('nir_cuba_lif', params, xs).v).toEqual(expected);
  });
});

test('choices that make no sense together are refused', () => {
  const check = (name: string, p: Record<string, number>): string | undefined => models.get(name)?.check?.(p);
  expect(check('nir_lif', { reset: 0.5 })).toBe('reset is 0.5, expected a whole number');
  expect(check('nir_cuba_lif', { reset: 3, discretisation: 0 })).toContain('reset 3');
  expect(check('nir_if', { per_step: 0.2 })).toBe('per_step is 0.2, expected a whole number');
});

test('all models are in the registry, and their kernels are sound', () => {
  expect(nirModels).toHaveLength(8);
  for (const model of nirModels) {
    expect(models.get(model.name)).toBe(model);
    expect(kernelOf(model).statements.length).toBeGreaterThan(0);
  }
});
