import { describe, expect, it } from 'vitest';
import type { ModelSpec } from '../model.js';
import { kernelOf } from './check.js';
import { interpretKernel, type KernelData, type KernelStep } from './interpret.js';
import { parseKernel } from './parse.js';

/** A model with parameter p, constant c, states x and y, ports a and b. */
function modelWith(update: string, more: Partial<ModelSpec> = {}): ModelSpec {
  return {
    name: 'test',
    doc: '',
    reference: '',
    emits: 'spike',
    parameters: { p: { unit: '1', default: 1, doc: '' } },
    state: { x: { unit: '1', initial: 0, doc: '' }, y: { unit: '1', initial: 0, doc: '' } },
    ports: [
      { name: 'a', unit: '1', doc: '' },
      { name: 'b', unit: '1', doc: '' },
    ],
    constants: ['c'],
    propagators: () => ({ c: 0.5 }),
    update,
    ...more,
  };
}

interface Bound {
  readonly data: KernelData;
  readonly step: KernelStep;
}

function bind(model: ModelSpec, size: number, x: readonly number[] = []): Bound {
  const kernel = kernelOf(model);
  const columns = Object.fromEntries(kernel.state.map((name) => [name, new Float64Array(size)] as const));
  columns.x.set(x);
  const data: KernelData = {
    size,
    scalars: { p: 3, c: 0.5 },
    columns,
    accumulators: new Float64Array(2 * (size + 1)),
    current: new Float64Array(size),
    fired: new Uint32Array(size),
  };
  return { data, step: interpretKernel(kernel, data) };
}

describe('parsing a kernel', () => {
  it('binds as arithmetic does', () => {
    const [statement] = parseKernel('x = 1 + 2 * 3 - 4 < -5 && !(6 == 7) || 8 > 9 ? 1 : 2;');
    const show = (e: unknown): string => {
      const expr = e as Record<string, unknown>;
      if (expr.kind === 'number') return String(expr.value);
      if (expr.kind === 'unary') return `(${expr.op}${show(expr.arg)})`;
      if (expr.kind === 'binary') return `(${show(expr.left)}${expr.op}${show(expr.right)})`;
      return `(${show(expr.test)}?${show(expr.then)}:${show(expr.otherwise)})`;
    };
    if (statement.kind !== 'assign') throw new Error('no assignment');
    expect(show(statement.value)).toBe('((((((1+(2*3))-4)<(-5))&&(!(6==7)))||(8>9))?1:2)');
  });

  it('takes operators of one rank from the left: a - b - c, a / b / c', () => {
    const { data, step } = bind(modelWith('x = 100 - 10 - 1; y = 100 / 10 / 5;', NO), 1);
    step([0, 2]);
    expect([data.columns.x[0], data.columns.y[0]]).toEqual([89, 2]);
  });

  it('knows comments, every form of number, else if', () => {
    const { data, step } = bind(
      modelWith(
        `// nothing here
         if (in_a > 1e1) { x = 1; } else if (in_a > .5) { x = 2.5E-1; } else { x = 3.; } // end
`,
        NO,
      ),
      3,
    );
    data.accumulators.set([11, 1, 0.5]);
    step([0, 4]);
    expect([...data.columns.x]).toEqual([1, 0.25, 3]);
  });

  it.each([
    ['x = 1', 'kernel line 1: found "the end", expected ";"'],
    ['x = 1;\ny = ;', 'kernel line 2: found ";", expected a value'],
    ['x = gamma(1);', 'found function "gamma", expected one of sqrt, abs, min, max, floor'],
    ['x = min(1);', 'found 1 arguments of min, expected 2'],
    ['if (1 < 2) { x = 1;', 'found "the end", expected a name to assign to'],
    ['3 = x;', 'found "3", expected a name to assign to'],
    ['x = 1 # 2;', 'found "#", expected a name, a number or an operator'],
    ['x = (1;', 'found ";", expected ")"'],
  ])('%j is refused', (text, message) => {
    expect(() => parseKernel(text)).toThrow(message);
  });
});

/** `false_` for models that never spike. */
const NO: Partial<ModelSpec> = { emits: 'none' };

describe('a kernel that nobody meant', () => {
  it.each([
    ['parentheses', `x = ${'('.repeat(1e5)}`],
    ['signs', `x = ${'-'.repeat(1e5)}1;`],
    ['choices', `x = ${'1 > 0 ? '.repeat(1e5)}`],
    ['blocks', 'if (x > 0) {'.repeat(1e5)],
    ['else if', `if (x > 0) {} ${'else if (x > 0) {} '.repeat(1e5)}`],
    ['functions', `x = ${'abs('.repeat(1e5)}`],
  ])('of endless %s is refused', (_, text) => {
    expect(() => parseKernel(text)).toThrow('kernel line 1: found more than 100 levels of nesting');
  });

  it('of endless operators is refused', () => {
    expect(() => parseKernel(`\n\nx = 1${' + 1'.repeat(1e5)};`)).toThrow(
      'kernel line 3: found more than 1000',
    );
    expect(parseKernel(`x = 1${' + 1'.repeat(1000)};`)).toHaveLength(1);
  });

  it('of a hundred thousand lines is read in time in proportion', () => {
    expect(parseKernel('x = 1; // set\n'.repeat(1e5))).toHaveLength(1e5);
  });
});

describe('names and types of a kernel', () => {
  it('lists what it reads, in the order of the model', () => {
    const kernel = kernelOf(modelWith('t = c * p; x = t + in_b; spike = x > 1;'));
    expect(kernel).toMatchObject({
      parameters: ['p'],
      constants: ['c'],
      state: ['x', 'y'],
      ports: ['a', 'b'],
      usesCurrent: false,
    });
    expect([...kernel.locals]).toEqual([
      ['t', 'number'],
      ['spike', 'truth'],
    ]);
    expect(kernelOf(modelWith('spike = current > 0;')).usesCurrent).toBe(true);
  });

  it.each([
    ['x = z; spike = x > 0;', '"z" is used before it is set on every path'],
    ['if (x > 0) { t = 1; } y = t; spike = x > 0;', '"t" is used before it is set on every path'],
    ['if (x > 0) { spike = x > 1; }', '"spike" is not set on every path'],
    ['spike = x;', '"spike" has to be a truth'],
    ['p = 1; spike = x > 0;', '"p" can\'t be assigned: it is an input'],
    ['in_a = 1; spike = x > 0;', '"in_a" can\'t be assigned'],
    ['x = x > 1; spike = x > 0;', 'state "x" is assigned a truth, expected a number'],
    ['t = 1; t = x > 1; spike = t;', '"t" is assigned a truth, but it is a number elsewhere'],
    ['spike = x && y > 0;', 'found a number, expected a truth'],
    ['x = (x > 0) + 1; spike = x > 0;', 'found a truth, expected a number'],
    ['x = x > 0 ? 1 : y > 0; spike = x > 0;', 'found a truth, expected a number'],
  ])('%j is refused', (update, message) => {
    expect(() => kernelOf(modelWith(update))).toThrow(message);
  });
});

describe('running a kernel', () => {
  it('does what the text says, and clears the sums that it read', () => {
    const { data, step } = bind(
      modelWith('x = c * x + in_a - in_b + current; spike = x > p; if (spike) { x = 0; y = y + 1; }'),
      3,
      [2, 8, 0],
    );
    data.accumulators.set([1, 0, 0, 9, 0, 0, 4]);
    data.current?.set([0, 0, 0.25]);
    expect(step([0, 4])).toBe(1);
    expect([...data.columns.x]).toEqual([2, 0, -3.75]);
    expect([...data.columns.y]).toEqual([0, 1, 0]);
    expect([...data.fired.subarray(0, 1)]).toEqual([1]);
    expect([...data.accumulators]).toEqual([0, 0, 0, 9, 0, 0, 0, 0]);
  });

  it('lets a model use any names: also ours, and words of JavaScript', () => {
    const names = [
      'count',
      'n',
      'j',
      'acc',
      'fired',
      'o0',
      'offsets',
      'let',
      'class',
      'data',
      'x_',
      'output_',
    ];
    const update = `${names.map((name, i) => `${name} = x + ${i};`).join('\n')}
      y = ${names.join(' + ')};
      spike = x > 0.5;`;
    const { data, step } = bind(modelWith(update), 3, [1, 0, 1]);
    const count = step([0, 4]);
    expect([...data.columns.y]).toEqual([78, 66, 78]);
    expect([...data.fired.subarray(0, count)]).toEqual([0, 2]);
  });
});
