import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { network } from '../builder.js';
import { deterministicMath } from '../math.js';
import { modelOf } from '../models/index.js';
import { graphFromBytes, graphToBytes } from '../wire.js';
import { compileModel } from './compile.js';
import { matrixExponential } from './matrix.js';

const of = (...rows: readonly (readonly number[])[]) => rows.map((row) => Float64Array.from(row));

describe('the matrix exponential', () => {
  it('is the analytic one for rotations, decays and equal time constants', () => {
    fc.assert(
      fc.property(
        fc.double({ min: -3, max: 3, noNaN: true }),
        fc.double({ min: -6, max: 0, noNaN: true }),
        (w, d) => {
          const [[a, b], [c]] = matrixExponential(of([d, -w], [w, d]));
          const size = Math.exp(d);
          expect(Math.abs(a - size * Math.cos(w))).toBeLessThan(1e-14);
          expect(Math.abs(b + size * Math.sin(w))).toBeLessThan(1e-14);
          expect(Math.abs(c - size * Math.sin(w))).toBeLessThan(1e-14);
          const [[x], [y, z]] = matrixExponential(of([d, 0], [1, d]));
          expect(x).toBe(z);
          expect(Math.abs(y - size)).toBeLessThan(1e-14);
        },
      ),
    );
  });

  it('keeps zeros, and says what is no number', () => {
    const p = matrixExponential(of([-1, 0, 2], [0, -2, 0], [0, 0, 0]));
    expect([p[0][1], p[1][0], p[1][2], p[2][0], p[2][2]]).toEqual([0, 0, 0, 0, 1]);
    expect(matrixExponential(of([Number.POSITIVE_INFINITY]))[0][0]).toBeNaN();
  });
});

const LIF = {
  parameters: { tau: '10 ms', tau_s: '10 ms', C: '250 pF' },
  ports: { ex: { kind: 'alpha', tau: 'tau_s' } },
  equations: 'dV/dt = -V / tau + I_syn / C : mV',
} as const;

describe('solvers', () => {
  it('choose by the equations, and do what they are told', () => {
    const method = (equations: string, more = {}): string | undefined =>
      compileModel('m', { parameters: { tau: '10 ms' }, equations, ...more }).method;
    expect(method('dx/dt = (1 - x) / tau : 1')).toMatch(/^exact/);
    expect(method('dx/dt = (1 - x * y) / tau : 1\ndy/dt = (x - y) / tau : 1')).toMatch(/^exponential Euler/);
    expect(method('dx/dt = (1 - x * x) / tau : 1')).toMatch(/^RKF45/);
    expect(method('dx/dt = (1 - x * x + sqrt(tau) * xi) / tau : 1')).toMatch(/^Euler/);
    for (const noise of ['normal', 'uniform_a']) {
      expect(method(`g = ${noise} : 1\ndx/dt = -x * (1 + g) / tau : 1`)).toMatch(/^exponential Euler/);
    }
    expect(method('dx/dt = (1 - x) / tau : 1', { method: 'rk4' })).toMatch(/^Runge–Kutta 4/);
  });

  it("exact: an alpha function with the membrane's own time constant is solved", () => {
    const model = compileModel('m', LIF);
    const p = { tau: 10, tau_s: 10, C: 250 };
    const constants = model.propagators(p, 0.1, deterministicMath);
    // V after h of dI = 1: (1/C) h²/2 exp(−h/tau).
    expect(Object.values(constants).some((x) => Math.abs(x - (0.005 * Math.exp(-0.01)) / 250) < 1e-19)).toBe(
      true,
    );
    expect(model.check?.({ ...p, tau_s: 0 })).toBe(
      'found tau_s = 0, expected another value: it is divided by',
    );
  });
});

describe('a graph with a model of its own', () => {
  it('is the same behind the wire', () => {
    const graph = network('own').model('lif', LIF).population('p', { model: 'lif', size: 2 }).build();
    const back = graphFromBytes(graphToBytes(graph));
    expect(back).toStrictEqual(graph);
    expect(modelOf('lif', back)?.update).toBe(modelOf('lif', graph)?.update);
  });
});
