import { add, divide, type Formula, multiply, namesIn, negate, num, subtract } from './formula.js';

/** A formula as Σ coefficient · variable + rest; no coefficient and no rest has any of the variables in it. */
export interface LinearForm {
  readonly coefficients: ReadonlyMap<string, Formula>;
  readonly rest: Formula;
}

/** Undefined where it isn't linear in these variables, as written. */
export function linearIn(formula: Formula, variables: ReadonlySet<string>): LinearForm | undefined {
  const free = (part: Formula): boolean => [...namesIn(part)].every((name) => !variables.has(name));
  const form = (part: Formula): LinearForm | undefined => {
    if (free(part)) return { coefficients: new Map(), rest: part };
    if (part.kind === 'name') return { coefficients: new Map([[part.name, num(1)]]), rest: num(0) };
    if (part.kind === 'unary' && part.op === '-') {
      const inner = form(part.arg);
      return inner && map(inner, negate);
    }
    if (part.kind === 'select') return ofSelect(part);
    return part.kind === 'binary' ? ofBinary(part) : undefined;
  };
  /** Linear on both sides of a test that doesn't ask for the variables. */
  const ofSelect = (part: Formula & { readonly kind: 'select' }): LinearForm | undefined => {
    const yes = form(part.then);
    const no = form(part.otherwise);
    if (!free(part.test) || yes === undefined || no === undefined) return undefined;
    const choose = (a: Formula, b: Formula): Formula => {
      const then = a;
      return { kind: 'select', test: part.test, then, otherwise: b };
    };
    return combine(yes, no, choose);
  };
  const ofBinary = (part: Formula & { readonly kind: 'binary' }): LinearForm | undefined => {
    const left = form(part.left);
    const right = form(part.right);
    if (left === undefined || right === undefined) return undefined;
    switch (part.op) {
      case '+':
        return combine(left, right, add);
      case '-':
        return combine(left, right, subtract);
      case '*':
        if (left.coefficients.size === 0) return map(right, (x) => multiply(left.rest, x));
        return right.coefficients.size === 0 ? map(left, (x) => multiply(x, right.rest)) : undefined;
      case '/':
        return right.coefficients.size === 0 ? map(left, (x) => divide(x, right.rest)) : undefined;
      default:
        return undefined;
    }
  };
  return form(formula);
}

function map(form: LinearForm, change: (x: Formula) => Formula): LinearForm {
  return {
    coefficients: new Map([...form.coefficients].map(([name, x]) => [name, change(x)])),
    rest: change(form.rest),
  };
}

function combine(a: LinearForm, b: LinearForm, join: (x: Formula, y: Formula) => Formula): LinearForm {
  const names = new Set([...a.coefficients.keys(), ...b.coefficients.keys()]);
  const coefficients = new Map(
    [...names].map(
      (name) => [name, join(a.coefficients.get(name) ?? num(0), b.coefficients.get(name) ?? num(0))] as const,
    ),
  );
  return { coefficients, rest: join(a.rest, b.rest) };
}
