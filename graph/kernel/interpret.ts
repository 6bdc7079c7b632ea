import type { Elementary, Expr, KernelFunction, Statement } from './ast.js';
import type { Kernel } from './check.js';
import { elementaryFunction, functionsIn, isElementary } from './functions.js';

/** The columns that a kernel works on. Everything it reads or writes is here, so that a WASM kernel can take its place. */
export interface KernelData {
  readonly size: number;
  /** Parameters and constants that are the same for all neurons. */
  readonly scalars: Readonly<Record<string, number>>;
  /** State variables, and parameters and constants that differ between neurons: one element a neuron. */
  readonly columns: Readonly<Record<string, Float64Array>>;
  /** Accumulators of all ports and steps; a step reads and clears its part of it. */
  readonly accumulators: Float64Array;
  /** Step currents, noise and signals; absent where the population has none (then it is 0). */
  readonly current?: Float64Array;
  /** Where spikes go: neuron numbers within this block, ascending. */
  readonly fired: Uint32Array;
  /** Where a signal model's output goes. */
  readonly output?: Float64Array;
}

/**
 * Runs one step of all neurons. `offsets[p]` is where port p's sums of this step begin in `accumulators`.
 * Returns the number of spikes written to `fired`, or −1 − j when neuron j's state is no finite number any more (`fail`).
 */
export type KernelStep = (offsets: readonly number[]) => number;

/**
 * The reference meaning of a kernel: one plain loop over neurons, written out as JavaScript from the syntax tree. Everything faster
 * has to give the same bits.
 */
export function interpretKernel(kernel: Kernel, data: KernelData): KernelStep {
  const source = kernelSource(kernel, data);
  // The text comes from our own parser's tree, never from a user's characters.
  const factory = new Function('data', 'bits', source) as (
    data: KernelData,
    bits: typeof primitives,
  ) => KernelStep;
  return factory(data, primitives);
}

/**
 * Exported for tests and for reading what a model becomes. A model's names begin with $ here, so that none meets ours or a word of
 * JavaScript's.
 */
export function kernelSource(kernel: Kernel, data: KernelData): string {
  const spikes = kernel.locals.get('spike') === 'truth';
  const isColumn = (name: string): boolean => Object.hasOwn(data.columns, name);
  const inputs = [...kernel.parameters, ...kernel.constants];
  const columns = [...kernel.state, ...kernel.noise, ...inputs.filter(isColumn)];
  const scalars = inputs.filter((name) => !isColumn(name));
  const lines = [
    '"use strict";',
    'const acc = data.accumulators, fired = data.fired, current_ = data.current, output_ = data.output, n = data.size;',
    ...columns.map((name) => `const $$${name} = data.columns.${name};`),
    ...scalars.map((name) => `const $${name} = data.scalars.${name};`),
    ...functionsIn(kernel.statements).map(functionText),
    'return function step(offsets) {',
    ...kernel.ports.map((_, port) => `const o${port} = offsets[${port}];`),
    'let count = 0;',
    'for (let j = 0; j < n; j++) {',
    ...kernel.state.map((name) => `let $${name} = $$${name}[j];`),
    ...[...inputs.filter(isColumn), ...kernel.noise].map((name) => `const $${name} = $$${name}[j];`),
    ...kernel.ports.map((port, index) => `const $in_${port} = acc[o${index} + j]; acc[o${index} + j] = 0;`),
    ...(kernel.usesCurrent
      ? [data.current === undefined ? 'const $current = 0;' : 'const $current = current_[j];']
      : []),
    ...[...kernel.locals].map(([name, type]) => `let $${name} = ${type === 'truth' ? 'false' : '0'};`),
    ...kernel.statements.map(statementText),
    ...kernel.state.map((name) => `$$${name}[j] = $${name};`),
    ...(kernel.locals.has('fail') ? ['if ($fail) return -1 - j;'] : []),
    ...(spikes ? ['if ($spike) fired[count++] = j;'] : []),
    ...(data.output !== undefined ? ['output_[j] = $output;'] : []),
    '}',
    'return count;',
    '};',
  ];
  return lines.join('\n');
}

function statementText(statement: Statement): string {
  if (statement.kind === 'assign') return `$${statement.name} = ${exprText(statement.value)};`;
  const then = statement.then.map(statementText).join('\n');
  if (statement.loop) return `while (${exprText(statement.test)}) {\n${then}\n}`;
  const otherwise = statement.otherwise.map(statementText).join('\n');
  return `if (${exprText(statement.test)}) {\n${then}\n} else {\n${otherwise}\n}`;
}

function exprText(expr: Expr): string {
  switch (expr.kind) {
    case 'number':
      return String(expr.value);
    case 'name':
      return `$${expr.name}`;
    case 'unary':
      return `(${expr.op} ${exprText(expr.arg)})`;
    case 'binary':
      return `(${exprText(expr.left)} ${jsOperator(expr.op)} ${exprText(expr.right)})`;
    case 'select':
      return `(${exprText(expr.test)} ? ${exprText(expr.then)} : ${exprText(expr.otherwise)})`;
    case 'call':
      return callText(
        expr.fn,
        expr.args.map((arg) => exprText(arg)),
      );
  }
}

function jsOperator(op: string): string {
  return op === '==' ? '===' : op === '!=' ? '!==' : op;
}

function callText(fn: KernelFunction, args: readonly string[]): string {
  const [a, b] = args;
  if (fn === 'min') return `((${a}) < (${b}) ? (${a}) : (${b}))`;
  if (fn === 'max') return `((${a}) > (${b}) ? (${a}) : (${b}))`;
  if (isElementary(fn)) return `${fn}_(${args.join(', ')})`;
  return Object.hasOwn(primitives, fn) ? `bits.${fn}(${a})` : `Math.${fn}(${a})`;
}

function functionText(fn: Elementary): string {
  const { parameters, statements } = elementaryFunction(fn);
  const names = new Set(assignedIn(statements));
  return [
    `const ${fn}_ = function (${parameters.map((name) => `$${name}`).join(', ')}) {`,
    `let ${[...names].map((name) => `$${name}`).join(', ')};`,
    ...statements.map(statementText),
    'return $result;',
    '};',
  ].join('\n');
}

function assignedIn(statements: readonly Statement[]): string[] {
  return statements.flatMap((statement) => (statement.kind === 'assign' ? [statement.name] : []));
}

const view = new DataView(new ArrayBuffer(8));

/** 2^k from −1022 to 1023. */
const POWERS = Float64Array.from({ length: 2046 }, (_, i) => {
  view.setBigUint64(0, BigInt(i + 1) << 52n);
  return view.getFloat64(0);
});

/** Operations on the bits of a number. */
const primitives = {
  pow2: (k: number): number => POWERS[k + 1022],
  exponent: (x: number): number => {
    view.setFloat64(0, x);
    return (view.getUint32(0) >>> 20) - 1023;
  },
  significand: (x: number): number => {
    view.setFloat64(0, x);
    view.setUint32(0, (view.getUint32(0) & 0xfffff) | 0x3ff00000);
    return view.getFloat64(0);
  },
};

/** An elementary function as the interpreter computes it: for constants and for tests. */
export function elementary(fn: Elementary): (...args: readonly number[]) => number {
  const source = [...functionsIn([callOf(fn)]).map(functionText), `return ${fn}_;`].join('\n');
  return new Function('bits', source)(primitives) as (...args: readonly number[]) => number;
}

function callOf(fn: Elementary): Statement {
  const args = elementaryFunction(fn).parameters.map((name) => ({ kind: 'name', name }) as const);
  return { kind: 'assign', name: 'result', value: { kind: 'call', fn, args } };
}
