import { type Expr, KERNEL_FUNCTIONS, type KernelFunction } from '../kernel/ast.js';

/** Formulas are the kernel language's expressions; names are looked up by whoever reads them. */
export type Formula = Expr;

/** A mistake in a model's text: what `compile.ts` reports with the model's name and the key's place. */
export class EquationMistake extends Error {
  /** @param line Of the key's text, from 1; undefined where there is but one */
  constructor(
    message: string,
    readonly line?: number,
  ) {
    super(message);
  }
}

export const num = (value: number): Formula => ({ kind: 'number', value });
export const ref = (name: string): Formula => ({ kind: 'name', name });
export const call = (fn: KernelFunction, ...args: readonly Formula[]): Formula => ({
  kind: 'call',
  fn,
  args,
});

export const isNumber = (f: Formula, value: number): boolean => f.kind === 'number' && f.value === value;

const binary = (op: '+' | '-' | '*' | '/', left: Formula, right: Formula): Formula => ({
  kind: 'binary',
  op,
  left,
  right,
});

/** Sums, products and quotients without what is 0 or 1 by its form. */
export function add(a: Formula, b: Formula): Formula {
  if (isNumber(a, 0)) return b;
  if (isNumber(b, 0)) return a;
  return b.kind === 'unary' && b.op === '-' ? binary('-', a, b.arg) : binary('+', a, b);
}

export function negate(a: Formula): Formula {
  if (a.kind === 'number') return num(a.value === 0 ? 0 : -a.value);
  return a.kind === 'unary' && a.op === '-' ? a.arg : { kind: 'unary', op: '-', arg: a };
}

export function subtract(a: Formula, b: Formula): Formula {
  if (isNumber(b, 0)) return a;
  return isNumber(a, 0) ? negate(b) : binary('-', a, b);
}

export function multiply(a: Formula, b: Formula): Formula {
  if (isNumber(a, 0) || isNumber(b, 0)) return num(0);
  if (isNumber(a, 1)) return b;
  return isNumber(b, 1) ? a : binary('*', a, b);
}

export function divide(a: Formula, b: Formula): Formula {
  if (isNumber(a, 0)) return a;
  return isNumber(b, 1) ? a : binary('/', a, b);
}

/** The formula with each name replaced by what `by` says; undefined keeps it. */
export function substitute(formula: Formula, by: (name: string) => Formula | undefined): Formula {
  return mapFormula(formula, (inner) => (inner.kind === 'name' ? by(inner.name) : undefined));
}

/** Rebuilds a formula from the outside in: what `change` returns takes a part's place. */
export function mapFormula(formula: Formula, change: (part: Formula) => Formula | undefined): Formula {
  const changed = change(formula);
  if (changed !== undefined) return changed;
  const inner = (part: Formula): Formula => mapFormula(part, change);
  switch (formula.kind) {
    case 'number':
    case 'name':
      return formula;
    case 'unary':
      return { ...formula, arg: inner(formula.arg) };
    case 'binary':
      return { ...formula, left: inner(formula.left), right: inner(formula.right) };
    case 'call':
      return { ...formula, args: formula.args.map(inner) };
    case 'select': {
      const then = inner(formula.then);
      return { ...formula, test: inner(formula.test), then, otherwise: inner(formula.otherwise) };
    }
  }
}

export function namesIn(formula: Formula, names: Set<string> = new Set()): Set<string> {
  mapFormula(formula, (part) => {
    if (part.kind === 'name') names.add(part.name);
    return undefined;
  });
  return names;
}

const RANK: Readonly<Record<string, number>> = { '||': 1, '&&': 2, '+': 5, '-': 5, '*': 6, '/': 6 };

/** As text, which the kernel's parser reads back as the same tree, and people can read. */
export function show(formula: Formula, rank = 0): string {
  switch (formula.kind) {
    case 'number':
      return showNumber(formula.value);
    case 'name':
      return formula.name;
    case 'unary':
      return wrap(`${formula.op}${show(formula.arg, 8)}`, rank > 7);
    case 'binary': {
      const own = RANK[formula.op] ?? 4;
      return wrap(`${show(formula.left, own)} ${formula.op} ${show(formula.right, own + 1)}`, rank > own);
    }
    case 'call':
      return `${formula.fn}(${formula.args.map((arg) => show(arg)).join(', ')})`;
    case 'select':
      return wrap(`${show(formula.test, 1)} ? ${show(formula.then)} : ${show(formula.otherwise)}`, rank > 0);
  }
}

function wrap(text: string, needed: boolean): string {
  return needed ? `(${text})` : text;
}

function showNumber(value: number): string {
  if (value === Number.POSITIVE_INFINITY) return '1e999';
  return value < 0 || Object.is(value, -0) ? `(-${showNumber(-value)})` : String(value);
}

/** Functions that formulas may call, with their number of arguments. */
export const FORMULA_FUNCTIONS: Readonly<Record<string, number>> = (() => {
  const { trunc: _, pow2: __, exponent: ___, significand: ____, ...usual } = KERNEL_FUNCTIONS;
  return usual;
})();
