import { COMPARISONS, LOGICAL } from '../kernel/ast.js';
import { oneOf } from '../place.js';
import {
  coherentPower,
  coherentUnit,
  type Dimension,
  isPlain,
  multiply,
  NO_DIMENSION,
  raise,
  sameDimension,
  tenTo,
  unitSymbol,
} from '../unit-expression.js';
import { divide, EquationMistake, type Formula, mapFormula, num, ref, multiply as times } from './formula.js';
import { BEFORE, shown } from './read.js';

/** What a name in a formula stands for. */
export interface Meaning {
  readonly dimension: Dimension;
  /** Its value times 10^power is in coherent units; 0 where it is so itself. */
  readonly power: number;
  readonly kind: 'parameter' | 'state' | 'let' | 'input';
}

export type Names = ReadonlyMap<string, Meaning>;

/** `any`: the number 0, which is of every dimension. */
export type Kind = Dimension | 'truth' | 'any';

const describe = (kind: Kind): string =>
  kind === 'truth'
    ? 'a condition'
    : kind === 'any'
      ? 'a number'
      : coherentUnit(kind) === '1'
        ? 'a plain number'
        : coherentUnit(kind);

/**
 * The dimension of a formula, and whether all of its parts fit together.
 * @throws EquationMistake with the line, the term and both units
 */
export function dimensionOf(formula: Formula, names: Names, line?: number): Kind {
  const wrong = (part: Formula, found: Kind, expected: string): EquationMistake =>
    new EquationMistake(`'${shown(part)}' is ${inUnit(found)}, expected ${expected}`, line);
  const number = (part: Formula): Dimension | 'any' => {
    const kind = of(part);
    if (kind === 'truth') throw wrong(part, kind, 'a number');
    return kind;
  };
  const plain = (part: Formula, what: string): void => {
    const kind = number(part);
    if (kind !== 'any' && !isPlain(kind)) throw wrong(part, kind, `a plain number, ${what}`);
  };
  const same = (a: Formula, b: Formula, what: string): Kind => {
    const left = of(a);
    const right = of(b);
    if (left === 'any') return right;
    if (right === 'any') return left;
    if (left === 'truth' || right === 'truth') {
      if (left === right) return left;
      throw wrong(left === 'truth' ? a : b, 'truth', 'a number');
    }
    if (!sameDimension(left, right)) throw wrong(b, right, `${describe(left)} ${what} '${shown(a)}'`);
    return left;
  };
  const of = (part: Formula): Kind => {
    switch (part.kind) {
      case 'number':
        return part.value === 0 ? 'any' : NO_DIMENSION;
      case 'name':
        return meaningOf(part.name, names, line).dimension;
      case 'unary':
        if (part.op === '-') return number(part.arg);
        if (of(part.arg) !== 'truth') throw wrong(part.arg, of(part.arg), 'a condition');
        return 'truth';
      case 'select':
        if (of(part.test) !== 'truth') throw wrong(part.test, of(part.test), 'a condition');
        return same(part.then, part.otherwise, 'as');
      case 'binary': {
        const { op, left, right } = part;
        if (LOGICAL.has(op)) {
          for (const side of [left, right])
            if (of(side) !== 'truth') throw wrong(side, of(side), 'a condition');
          return 'truth';
        }
        if (COMPARISONS.has(op)) {
          number(left);
          same(left, right, 'to compare with');
          return 'truth';
        }
        const a = number(left);
        const b = number(right);
        if (op === '+' || op === '-')
          return same(left, right, op === '+' ? 'to be added to' : 'to be subtracted from');
        return multiply(a === 'any' ? NO_DIMENSION : a, b === 'any' ? NO_DIMENSION : b, op === '*' ? 1 : -1);
      }
      case 'call':
        return ofCall(part);
    }
  };
  const ofCall = (part: Formula & { readonly kind: 'call' }): Kind => {
    const [a, b] = part.args;
    switch (part.fn) {
      case 'abs':
      case 'floor':
        return number(a);
      case 'min':
      case 'max':
        return same(a, b, 'as');
      case 'sqrt': {
        const kind = number(a);
        return kind === 'any' ? kind : raise(kind, 0.5);
      }
      case 'pow': {
        const base = number(a);
        plain(b, 'as an exponent');
        if (base === 'any' || isPlain(base)) return NO_DIMENSION;
        const exponent = literal(b);
        if (exponent === undefined)
          throw wrong(a, base, 'a plain number, where the exponent is no written number');
        return raise(base, exponent);
      }
      default:
        plain(a, `as the argument of ${part.fn}`);
        return NO_DIMENSION;
    }
  };
  return of(formula);
}

/** `found` as 'in mV', or what else it is. */
function inUnit(found: Kind): string {
  return found === 'truth' || found === 'any' || isPlain(found)
    ? describe(found)
    : `in ${coherentUnit(found)}`;
}

function literal(formula: Formula): number | undefined {
  if (formula.kind === 'number') return formula.value;
  if (formula.kind === 'unary' && formula.op === '-' && formula.arg.kind === 'number')
    return -formula.arg.value;
  if (formula.kind === 'binary' && formula.op === '/') {
    const above = literal(formula.left);
    const below = literal(formula.right);
    return above === undefined || below === undefined ? undefined : above / below;
  }
  return undefined;
}

/** @throws EquationMistake for a name that is neither the model's nor a unit */
function meaningOf(name: string, names: Names, line?: number): Meaning {
  if (name.startsWith(BEFORE)) {
    const state = names.get(name.slice(BEFORE.length));
    if (state?.kind === 'state') return state;
    const known = oneOf(
      name.slice(BEFORE.length),
      [...names].filter(([, m]) => m.kind === 'state').map(([n]) => n),
    );
    throw new EquationMistake(
      `found before(${name.slice(BEFORE.length)}), expected a state variable: ${known}`,
      line,
    );
  }
  const known = names.get(name);
  if (known !== undefined) return known;
  const unit = unitSymbol(name);
  if (unit !== undefined) return { dimension: unit.dimension, power: coherentPower(unit), kind: 'input' };
  throw new EquationMistake(
    `found unknown name '${name}', expected ${oneOf(name, names.keys())}, or a unit`,
    line,
  );
}

/** The formula in coherent units: units are numbers, and parameters in other units are converted where they stand. */
export function inCoherentUnits(formula: Formula, names: Names): Formula {
  return mapFormula(formula, (part) => {
    if (part.kind === 'binary' && (part.op === '*' || part.op === '/')) {
      const left = inCoherentUnits(part.left, names);
      const right = inCoherentUnits(part.right, names);
      if (left.kind === 'number' && right.kind === 'number') {
        return num(part.op === '*' ? left.value * right.value : left.value / right.value);
      }
      return part.op === '*' ? times(left, right) : divide(left, right);
    }
    if (part.kind === 'call' && part.fn === 'pow') {
      const exponent = literal(part.args[1]);
      const base = inCoherentUnits(part.args[0], names);
      return whole(base, exponent) ?? { ...part, args: [base, inCoherentUnits(part.args[1], names)] };
    }
    if (part.kind !== 'name') return undefined;
    if (part.name.startsWith(BEFORE)) return ref(beforeName(part.name.slice(BEFORE.length)));
    const { power, kind } = meaningOf(part.name, names);
    if (!names.has(part.name)) return num(tenTo(power));
    return power === 0 || kind !== 'parameter' ? part : scaled(part, power);
  });
}

function scaled(part: Formula, power: number): Formula {
  return power > 0 ? times(part, num(tenTo(power))) : divide(part, num(tenTo(-power)));
}

/** Small whole powers are products: exact where the product is, and fast. */
function whole(base: Formula, exponent: number | undefined): Formula | undefined {
  if (exponent === undefined || !Number.isInteger(exponent) || exponent < 1 || exponent > 8) return undefined;
  const half = exponent >> 1;
  if (half === 0) return base;
  const root = whole(base, half) as Formula;
  const square: Formula = { kind: 'binary', op: '*', left: root, right: root };
  return exponent % 2 === 0 ? square : { kind: 'binary', op: '*', left: square, right: base };
}

/** The kernel's name of a state variable's value at the step's beginning. */
export function beforeName(state: string): string {
  return `__before_${state}`;
}
