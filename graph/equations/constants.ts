import { type Expr, expressionsOf, type KernelFunction, type Statement } from '../kernel/ast.js';
import { isElementary } from '../kernel/functions.js';
import { elementary } from '../kernel/interpret.js';
import { type Formula, mapFormula, namesIn, num, ref, show } from './formula.js';

/** A formula's value, in the order of operations that it is written in: the kernel's bits. A condition's is 1 or 0. */
export function evaluate(formula: Formula, values: Readonly<Record<string, number>>): number {
  switch (formula.kind) {
    case 'number':
      return formula.value;
    case 'name': {
      if (!Object.hasOwn(values, formula.name)) throw new RangeError(`no value of "${formula.name}"`);
      return values[formula.name];
    }
    case 'unary': {
      const inner = evaluate(formula.arg, values);
      return formula.op === '-' ? -inner : inner === 0 ? 1 : 0;
    }
    case 'binary':
      return operate(formula.op, evaluate(formula.left, values), evaluate(formula.right, values));
    case 'select':
      return evaluate(evaluate(formula.test, values) !== 0 ? formula.then : formula.otherwise, values);
    case 'call':
      return callOf(
        formula.fn,
        formula.args.map((arg) => evaluate(arg, values)),
      );
  }
}

function operate(op: (Formula & { readonly kind: 'binary' })['op'], a: number, b: number): number {
  switch (op) {
    case '+':
      return a + b;
    case '-':
      return a - b;
    case '*':
      return a * b;
    case '/':
      return a / b;
    case '<':
      return a < b ? 1 : 0;
    case '<=':
      return a <= b ? 1 : 0;
    case '>':
      return a > b ? 1 : 0;
    case '>=':
      return a >= b ? 1 : 0;
    case '==':
      return a === b ? 1 : 0;
    case '!=':
      return a !== b ? 1 : 0;
    case '&&':
      return a !== 0 && b !== 0 ? 1 : 0;
    case '||':
      return a !== 0 || b !== 0 ? 1 : 0;
  }
}

const known = new Map<string, (...args: readonly number[]) => number>();

function callOf(fn: KernelFunction, args: readonly number[]): number {
  const [a, b] = args;
  if (isElementary(fn)) {
    const made = known.get(fn) ?? elementary(fn);
    known.set(fn, made);
    return made(...args);
  }
  // As the kernel language has them: of zeros and what is no number, b.
  // biome-ignore lint/complexity/useMathMinMax: Math.min is another function
  if (fn === 'min') return a < b ? a : b;
  // biome-ignore lint/complexity/useMathMinMax: Math.max is another function
  if (fn === 'max') return a > b ? a : b;
  if (fn === 'sqrt' || fn === 'abs' || fn === 'floor' || fn === 'trunc') return Math[fn](a);
  throw new RangeError(`${fn} is no function of constants`);
}

export interface Hoisted {
  readonly statements: readonly Statement[];
  /** By name, in an order in which none needs one after it. */
  readonly constants: ReadonlyMap<string, Formula>;
}

/** Takes what depends on parameters and dt alone out of the statements, so that it is computed once. */
export function hoist(statements: readonly Statement[], fixed: ReadonlySet<string>): Hoisted {
  const constants = new Map<string, Formula>();
  const names = new Map<string, string>();
  const take = (part: Formula): Formula | undefined => {
    if (part.kind !== 'binary' && part.kind !== 'unary' && part.kind !== 'call') return undefined;
    if (isTruth(part)) return undefined;
    const used = namesIn(part);
    if ([...used].some((name) => !fixed.has(name))) return undefined;
    if (used.size === 0) {
      const value = evaluate(part, {});
      return Number.isNaN(value) ? part : num(value);
    }
    const text = show(part);
    const name = names.get(text) ?? `__c${names.size}`;
    names.set(text, name);
    constants.set(name, part);
    return ref(name);
  };
  const expr = (part: Expr): Expr => mapFormula(part, take);
  const walk = (list: readonly Statement[]): Statement[] =>
    list.map((statement): Statement => {
      if (statement.kind === 'assign') return { ...statement, value: expr(statement.value) };
      const then = walk(statement.then);
      return { ...statement, test: expr(statement.test), then, otherwise: walk(statement.otherwise) };
    });
  return { statements: walk(statements), constants };
}

function isTruth(part: Formula): boolean {
  if (part.kind === 'unary') return part.op === '!';
  return part.kind === 'binary' && !['+', '-', '*', '/'].includes(part.op);
}

/** Divisors that depend on parameters alone. */
export function divisorsIn(statements: readonly Statement[], fixed: ReadonlySet<string>): Formula[] {
  const found = new Map<string, Formula>();
  for (const expr of expressionsOf(statements)) {
    if (expr.kind !== 'binary' || expr.op !== '/') continue;
    const names = namesIn(expr.right);
    if (names.size === 0 || [...names].some((name) => !fixed.has(name))) continue;
    found.set(show(expr.right), expr.right);
  }
  return [...found.values()];
}

/** As the kernel's parser reads them. */
export function statementsText(statements: readonly Statement[]): string {
  return statements
    .map((statement): string => {
      if (statement.kind === 'assign') return `${statement.name} = ${show(statement.value)};`;
      const then = statementsText(statement.then);
      if (statement.loop) return `while (${show(statement.test)}) {\n${then}\n}`;
      const otherwise =
        statement.otherwise.length === 0 ? '' : ` else {\n${statementsText(statement.otherwise)}\n}`;
      return `if (${show(statement.test)}) {\n${then}\n}${otherwise}`;
    })
    .join('\n');
}
