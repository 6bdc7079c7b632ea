import type { BinaryOp, KernelFunction } from '../kernel/ast.js';
import { oneOf } from '../place.js';
import { unitSymbol } from '../unit-expression.js';
import { EquationMistake, FORMULA_FUNCTIONS, type Formula, num, ref, show } from './formula.js';

/** `dX/dt = formula : unit` or `name = formula : unit`. */
export interface EquationLine {
  readonly kind: 'rate' | 'let';
  readonly name: string;
  readonly formula: Formula;
  readonly unit: string | undefined;
  /** `(unless refractory)` */
  readonly held: boolean;
  readonly line: number;
}

/** `name = formula`; `+=`, `-=`, `*=` and `/=` are written out. */
export interface Assignment {
  readonly name: string;
  readonly formula: Formula;
  readonly line: number;
}

/** Stands for the value that a state variable had when the step began. */
export const BEFORE = 'before ';

const LARGEST_TEXT = 100_000;
const DEEPEST = 100;

interface Token {
  readonly kind: 'number' | 'name' | 'symbol' | 'end';
  readonly text: string;
}

const TOKEN =
  /\s*(?:(\d+\.?\d*(?:[eE][+-]?\d+)?|\.\d+(?:[eE][+-]?\d+)?)|([A-Za-z_µμΩ][\wµμΩ]*)|(\*\*|<=|>=|==|!=|&&|\|\||\+=|-=|\*=|\/=|[-+*/^<>!?:(),=]))/y;

/** Text lines that aren't empty, without comments (#), by number from 1. A line that begins with an operator goes on with the one before. */
function linesOf(text: string): { readonly line: number; readonly text: string }[] {
  if (text.length > LARGEST_TEXT) {
    throw new EquationMistake(`found ${text.length} characters, expected at most ${LARGEST_TEXT}`);
  }
  const lines: { line: number; text: string }[] = [];
  text.split('\n').forEach((raw, i) => {
    const bare = raw.replace(/#.*/, '').trim();
    if (bare === '') return;
    const last = lines.at(-1);
    const goesOn = /^([-+*/?:)]|and\b|or\b)/.test(bare) || /([-+*/=(,?]|\band|\bor)$/.test(last?.text ?? '');
    if (goesOn && last !== undefined) last.text += ` ${bare}`;
    else lines.push({ line: i + 1, text: bare });
  });
  return lines;
}

/** @throws EquationMistake */
export function readEquations(text: string): EquationLine[] {
  return linesOf(text).map(({ line, text: bare }): EquationLine => {
    const held = /\(\s*unless\s+refractory\s*\)$/.test(bare);
    const [body, unit] = splitUnit(bare.replace(/\(\s*unless\s+refractory\s*\)$/, '').trim());
    const rate = /^d\s*([A-Za-z_]\w*)\s*\/\s*dt\s*=(?!=)(.*)$/.exec(body);
    const plain = /^([A-Za-z_]\w*)\s*=(?!=)(.*)$/.exec(body);
    const match = rate ?? plain;
    if (match === null) {
      throw new EquationMistake(
        `found '${short(bare)}', expected 'dX/dt = formula : unit' or 'name = formula : unit'`,
        line,
      );
    }
    const kind = rate === null ? 'let' : 'rate';
    if (held && kind === 'let') {
      throw new EquationMistake(
        `found (unless refractory) after '${match[1]}', expected it after a dX/dt only`,
        line,
      );
    }
    return { kind, name: match[1], formula: new Reader(match[2], line).whole(), unit, held, line };
  });
}

/** Statements on lines of their own or behind semicolons. @throws EquationMistake */
export function readStatements(text: string): Assignment[] {
  return linesOf(text).flatMap(({ line, text: bare }) =>
    bare
      .split(';')
      .filter((part) => part.trim() !== '')
      .map((part): Assignment => {
        const match = /^\s*([A-Za-z_]\w*)\s*([-+*/]?)=(?!=)(.*)$/.exec(part);
        if (match === null)
          throw new EquationMistake(`found '${short(part.trim())}', expected 'name = formula'`, line);
        const [, name, op, right] = match;
        const formula = new Reader(right, line).whole();
        const binary = { kind: 'binary', op: op as BinaryOp, left: ref(name), right: formula } as const;
        return { name, formula: op === '' ? formula : binary, line };
      }),
  );
}

/** One formula or condition. @throws EquationMistake */
export function readFormula(text: string): Formula {
  const [first, ...more] = linesOf(text);
  if (first === undefined) throw new EquationMistake('found nothing, expected a formula');
  if (more.length > 0)
    throw new EquationMistake(`found a second formula '${short(more[0].text)}', expected one`, more[0].line);
  return new Reader(first.text, first.line).whole();
}

/** The unit behind the last colon that isn't part of `a ? b : c`. */
function splitUnit(text: string): [body: string, unit: string | undefined] {
  let depth = 0;
  for (let i = text.length - 1; i >= 0; i--) {
    if (text[i] === ')') depth++;
    if (text[i] === '(') depth--;
    if (text[i] !== ':' || depth !== 0) continue;
    const before = text.slice(0, i);
    const asked = (before.match(/\?/g) ?? []).length;
    const answered = (before.match(/:/g) ?? []).length;
    if (asked > answered) return [text, undefined];
    return [before.trim(), text.slice(i + 1).trim()];
  }
  return [text, undefined];
}

function short(text: string): string {
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}

/** A formula as people write it, for a message. */
export function shown(formula: Formula): string {
  return short(show(formula).replace(/\bbefore (\w+)/g, 'before($1)'));
}

const PRECEDENCE: Readonly<Record<string, number>> = {
  or: 1,
  '||': 1,
  and: 2,
  '&&': 2,
  '==': 4,
  '!=': 4,
  '<': 4,
  '<=': 4,
  '>': 4,
  '>=': 4,
  '+': 5,
  '-': 5,
  '*': 6,
  '/': 6,
};

class Reader {
  private readonly tokens: readonly Token[];
  private at = 0;
  private depth = 0;

  constructor(
    text: string,
    private readonly line: number,
  ) {
    this.tokens = this.tokenize(text);
  }

  whole(): Formula {
    const formula = this.choice();
    const rest = this.peek();
    if (rest.kind !== 'end') throw this.mistake(`found '${rest.text}', expected an operator or the end`);
    return formula;
  }

  private tokenize(text: string): Token[] {
    const tokens: Token[] = [];
    let at = 0;
    const body = text.trimEnd();
    while (at < body.length) {
      TOKEN.lastIndex = at;
      const match = TOKEN.exec(body);
      if (match === null)
        throw this.mistake(`found '${body.slice(at).trim()[0]}', expected a name, a number or an operator`);
      const [whole, number, name, symbol] = match;
      const kind = number !== undefined ? 'number' : name !== undefined ? 'name' : 'symbol';
      tokens.push({ kind, text: number ?? name ?? symbol ?? '' });
      at += whole.length;
    }
    tokens.push({ kind: 'end', text: 'the end' });
    return tokens;
  }

  private choice(): Formula {
    if (++this.depth > DEEPEST)
      throw this.mistake(`found more than ${DEEPEST} levels of nesting, expected fewer`);
    const test = this.binary(1);
    let formula = test;
    if (this.peek().text === '?') {
      this.at++;
      const then = this.choice();
      this.expect(':');
      formula = { kind: 'select', test, then, otherwise: this.choice() };
    }
    this.depth--;
    return formula;
  }

  private binary(lowest: number): Formula {
    let left = this.unary();
    for (;;) {
      const { text } = this.peek();
      const rank = Object.hasOwn(PRECEDENCE, text) ? PRECEDENCE[text] : 0;
      if (rank < lowest) return left;
      this.at++;
      const op = (text === 'and' ? '&&' : text === 'or' ? '||' : text) as BinaryOp;
      left = { kind: 'binary', op, left, right: this.binary(rank + 1) };
    }
  }

  private unary(): Formula {
    const { text } = this.peek();
    if (text === '+') {
      this.at++;
      return this.unary();
    }
    if (text !== '-' && text !== '!' && text !== 'not') return this.power();
    if (++this.depth > DEEPEST)
      throw this.mistake(`found more than ${DEEPEST} levels of nesting, expected fewer`);
    this.at++;
    // A comparison belongs to `not` in `not a < b`, as in Python.
    const arg = text === 'not' ? this.binary(4) : this.unary();
    this.depth--;
    return { kind: 'unary', op: text === '-' ? '-' : '!', arg };
  }

  private power(): Formula {
    const base = this.primary();
    const { text } = this.peek();
    if (text !== '**' && text !== '^') return base;
    this.at++;
    return { kind: 'call', fn: 'pow', args: [base, this.unary()] };
  }

  private primary(): Formula {
    const token = this.peek();
    this.at++;
    if (token.kind === 'number') return this.quantity(Number(token.text));
    if (token.text === '(') {
      const inner = this.choice();
      this.expect(')');
      return inner;
    }
    if (token.kind !== 'name') throw this.mistake(`found '${token.text}', expected a value`);
    if (this.peek().text !== '(') return ref(token.text);
    return token.text === 'before' ? this.before() : this.call(token.text);
  }

  /** A number, and a unit right behind it: '20 mV'. */
  private quantity(value: number): Formula {
    const next = this.peek();
    if (next.kind !== 'name' || unitSymbol(next.text) === undefined) return num(value);
    this.at++;
    return { kind: 'binary', op: '*', left: num(value), right: ref(next.text) };
  }

  private before(): Formula {
    this.expect('(');
    const { kind, text } = this.peek();
    if (kind !== 'name') throw this.mistake(`found '${text}', expected the name of a state variable`);
    this.at++;
    this.expect(')');
    return ref(`${BEFORE}${text}`);
  }

  private call(fn: string): Formula {
    if (!Object.hasOwn(FORMULA_FUNCTIONS, fn)) {
      const known = oneOf(fn, [...Object.keys(FORMULA_FUNCTIONS), 'before']);
      throw this.mistake(`found function '${fn}', expected ${known}`);
    }
    this.expect('(');
    const args = [this.choice()];
    while (this.peek().text === ',') {
      this.at++;
      args.push(this.choice());
    }
    this.expect(')');
    if (args.length !== FORMULA_FUNCTIONS[fn]) {
      throw this.mistake(`found ${args.length} arguments of ${fn}, expected ${FORMULA_FUNCTIONS[fn]}`);
    }
    return { kind: 'call', fn: fn as KernelFunction, args };
  }

  private expect(text: string): void {
    const found = this.peek().text;
    if (found !== text) throw this.mistake(`found '${found}', expected '${text}'`);
    this.at++;
  }

  private peek(): Token {
    return this.tokens[this.at] as Token;
  }

  private mistake(message: string): EquationMistake {
    return new EquationMistake(message, this.line);
  }
}
