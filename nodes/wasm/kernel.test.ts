import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Kernel, kernelOf } from '../../graph/kernel/check.js';
import { interpretKernel, type KernelData } from '../../graph/kernel/interpret.js';
import { deterministicMath } from '../../graph/math.js';
import type { ModelSpec } from '../../graph/model.js';
import { models } from '../../graph/models/index.js';
import { Arena } from '../engine/arena.js';
import { shapeOf, wasmKernel } from './bind.js';
import { compileKernel } from './compile.js';
import { type KernelShape, shapeKey } from './shape.js';

interface Case {
  readonly size: number;
  readonly perNeuron: boolean;
  readonly withCurrent: boolean;
  readonly seed: number;
}

const cases = fc.record({
  size: fc.integer({ min: 1, max: 9 }),
  perNeuron: fc.boolean(),
  withCurrent: fc.boolean(),
  seed: fc.integer({ min: 1, max: 2 ** 31 - 1 }),
});

/** A small generator of numbers in [0, 1), so that a case is repeatable from its seed. */
function numbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

/** Random but legal values around each default; the same for the same seed. */
function dataOf(model: ModelSpec, { size, perNeuron, withCurrent, seed }: Case, arena: Arena): KernelData {
  const next = numbers(seed);
  const kernel = kernelOf(model);
  const scalars: Record<string, number> = {};
  const columns: Record<string, Float64Array> = {};
  const parameters = Array.from({ length: perNeuron ? size : 1 }, () =>
    Object.fromEntries(
      Object.entries(model.parameters).map(([name, spec]) => {
        const usual = spec.default ?? 1;
        // A switch between variants: any of them.
        if (spec.unit === '1' && spec.min !== undefined && spec.max !== undefined) {
          return [name, spec.min + Math.floor(next() * (spec.max - spec.min + 1))];
        }
        return [name, Number.isFinite(usual) ? usual * (0.5 + next()) : usual];
      }),
    ),
  );
  const constants = parameters.map((p) => model.propagators(p, 0.1, deterministicMath));
  for (const [names, rows] of [
    [Object.keys(model.parameters), parameters],
    [model.constants, constants],
  ] as const) {
    for (const name of names) {
      if (!perNeuron) scalars[name] = rows[0][name];
      else {
        columns[name] = arena.f64(size);
        columns[name].set(rows.map((row) => row[name]));
      }
    }
  }
  for (const name of kernel.state) {
    columns[name] = arena.f64(size);
    const counter = name.startsWith('refractory') && !name.includes('input');
    for (let i = 0; i < size; i++) columns[name][i] = counter ? Math.floor(next() * 4) : (next() - 0.7) * 80;
  }
  for (const name of kernel.noise) {
    columns[name] = arena.f64(size);
    for (let i = 0; i < size; i++) columns[name][i] = next();
  }
  return {
    size,
    scalars,
    columns,
    accumulators: arena.f64((size + 1) * Math.max(1, kernel.ports.length)),
    current: withCurrent ? arena.f64(size) : undefined,
    fired: arena.u32(size),
    output: model.emits === 'signal' ? arena.f64(size) : undefined,
  };
}

const modules = new Map<string, WebAssembly.Module>();

/** Cases of one shape share a module. */
function moduleOf(kernel: Kernel, shape: KernelShape): WebAssembly.Module {
  const key = shapeKey(kernel, shape);
  const module = modules.get(key) ?? new WebAssembly.Module(compileKernel(kernel, shape));
  modules.set(key, module);
  return module;
}

function trace(model: ModelSpec, one: Case, wasm: boolean): unknown[] {
  const arena = new Arena('test');
  const kernel = kernelOf(model);
  const data = dataOf(model, one, arena);
  const shape = shapeOf(kernel, data);
  const module = wasm ? moduleOf(kernel, shape) : undefined;
  const step =
    module === undefined
      ? interpretKernel(kernel, data)
      : wasmKernel(new Map([[shapeKey(kernel, shape), module]]), arena.memory, kernel, data);
  const next = numbers(one.seed + 1);
  const stride = one.size + 1;
  const seen: unknown[] = [];
  for (let k = 0; k < 12; k++) {
    for (let p = 0; p < kernel.ports.length; p++) {
      for (let i = 0; i < one.size; i++)
        data.accumulators[p * stride + i] = Math.round((next() - 0.4) * 4000) / 64;
    }
    data.current?.set(Array.from({ length: one.size }, () => (next() - 0.3) * 900));
    const count = step(kernel.ports.map((_, p) => p * stride));
    if (count < 0) return [...seen, count];
    seen.push([...data.fired.subarray(0, count)]);
    seen.push(kernel.state.map((name) => [...new BigUint64Array(data.columns[name].slice().buffer)]));
    seen.push(data.output === undefined ? [] : [...new BigUint64Array(data.output.slice().buffer)]);
    seen.push([...data.accumulators.subarray(0, one.size)]);
  }
  return seen;
}

describe('WASM kernels', () => {
  for (const model of models.values()) {
    it(`${model.name}: the same bits as the interpreter`, () => {
      fc.assert(
        fc.property(cases, (one) => {
          expect(trace(model, one, true)).toEqual(trace(model, one, false));
        }),
        { numRuns: 25 },
      );
    });
  }
});

/** One step of a model without parameters, for pairs of inputs. */
function stepOf(update: string, pairs: readonly (readonly [number, number])[], wasm: boolean): unknown {
  const state = { unit: '1', initial: 0, doc: '' } as const;
  const port = (name: string) => ({ name, unit: '1', doc: '' }) as const;
  const kernel = kernelOf({
    name: 'test',
    doc: '',
    reference: '',
    emits: 'spike',
    parameters: {},
    state: { x: state, y: state, z: state },
    ports: [port('a'), port('b')],
    constants: [],
    propagators: () => ({}),
    update,
  });
  const arena = new Arena('test');
  const size = pairs.length;
  const columns = Object.fromEntries(kernel.state.map((name) => [name, arena.f64(size)] as const));
  const second = size + 1;
  const data = { size, scalars: {}, columns, accumulators: arena.f64(2 * second), fired: arena.u32(size) };
  data.accumulators.set(pairs.map(([a]) => a));
  data.accumulators.set(
    pairs.map(([, b]) => b),
    second,
  );
  const shape = shapeOf(kernel, data);
  const step = wasm
    ? wasmKernel(
        new Map([[shapeKey(kernel, shape), new WebAssembly.Module(compileKernel(kernel, shape))]]),
        arena.memory,
        kernel,
        data,
      )
    : interpretKernel(kernel, data);
  const count = step([0, second]);
  if (count < 0) return { failed: -1 - count };
  // Which NaN it is isn't said by IEEE 754; of zeros, the sign counts.
  const show = (x: number): string => (Object.is(x, -0) ? '-0' : String(x));
  return {
    fired: [...data.fired.subarray(0, count)],
    states: kernel.state.map((s) => [...columns[s]].map(show)),
  };
}

const anyNumber = fc.oneof(
  fc.constantFrom(0, -0, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 5e-324),
  fc.double(),
);
const anyPairs = fc.array(fc.tuple(anyNumber, anyNumber), { minLength: 1, maxLength: 5 });

describe('the kernel language in WASM', () => {
  it.each([
    ['arithmetic', 'x = in_a + in_b; y = in_a * in_b - in_a / in_b; z = -in_a; spike = x > 0;'],
    [
      'functions',
      'x = min(in_a, in_b); y = max(in_a, in_b); z = floor(in_a) + abs(in_b) - sqrt(in_a); spike = x < y;',
    ],
    [
      'branches within branches',
      `if (in_a < in_b) { x = 1; if (in_b > 1) { y = in_a; } else { z = 2; } }
       else if (in_a == in_b || !(in_a >= in_b)) { x = 2; } else { x = in_a != in_b && in_a <= 3 ? 3 : 4; y = x; }
       spike = x == 1 || z > 1;`,
    ],
    ['exponentials', 'x = exp(in_a * 0.1); y = log(in_b); z = pow(in_a, in_b) + exp(in_b); spike = x < y;'],
    ['periods', 'x = sin(in_a); y = cos(in_b); z = tanh(in_a) - trunc(in_b); spike = x < y;'],
    [
      'loops, also within branches and loops',
      `n = 0; while (n < in_a && n < 7) { n = n + 1; x = x + n * in_b; m = 0;
         while (m < in_b && m < 3) { m = m + 1; if (m > 1) { y = y + 1; } } }
       if (in_a > in_b) { while (z < 3) { z = z + 1; } } spike = n > 3;`,
    ],
    ['failures: the first one', 'x = in_a - in_a; fail = !(x == 0); spike = in_b > 0; y = 1;'],
    [
      'names like those that the code itself uses',
      'count = in_a; fired = in_b; n = count; j = n; x = j + fired; spike = x > n;',
    ],
  ])(
    '%s: the same bits as the interpreter, for zeros of both signs and what is no number, too',
    (_, update) => {
      fc.assert(
        fc.property(anyPairs, (pairs) => {
          expect(stepOf(update, pairs, true)).toEqual(stepOf(update, pairs, false));
        }),
        { numRuns: 30 },
      );
    },
  );
});
