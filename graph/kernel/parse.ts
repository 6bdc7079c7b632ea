import { InputError } from '../errors.js';
import { type BinaryOp, type Expr, KERNEL_FUNCTIONS, type KernelFunction, type Statement } from './ast.js';

interface Token {
  readonly kind: 'number' | 'name' | 'symbol' | 'end';
  readonly text: string;
  readonly line: number;
}

const TOKEN =
  /\s*(?:\/\/[^\n]*)?(?:(\d+\.?\d*(?:[eE][+-]?\d+)?|\.\d+(?:[eE][+-]?\d+)?)|([A-Za-z_]\w*)|(<=|>=|==|!=|&&|\|\||[-+*/<>!?:(){},;=]))/y;

const PRECEDENCE: Readonly<Record<string, number>> = {
  '||': 1,
  '&&': 2,
  '==': 3,
  '!=': 3,
  '<': 4,
  '<=': 4,
  '>': 4,
  '>=': 4,
  '+': 5,
  '-': 5,
  '*': 6,
  '/': 6,
};

/** @throws InputError KERNEL_SYNTAX naming the line and what was found and expected. */
export function parseKernel(text: string): readonly Statement[] {
  const parser = new Parser(tokenize(text));
  return parser.program();
}

function tokenize(text: string): Token[] {
  const tokens: Token[] = [];
  let at = 0;
  const lineAt = (index: number): number => text.slice(0, index).split('\n').length;
  while (true) {
    const blank = /(?:\s|\/\/[^\n]*)*/y;
    blank.lastIndex = at;
    at += blank.exec(text)?.[0].length ?? 0;
    if (at >= text.length) break;
    TOKEN.lastIndex = at;
    const match = TOKEN.exec(text);
    if (match === null)
      throw syntax(lineAt(at), `found "${text[at]}", expected a name, a number or an operator`);
    const [whole, number, name, symbol] = match;
    const kind = number !== undefined ? 'number' : name !== undefined ? 'name' : 'symbol';
    tokens.push({ kind, text: number ?? name ?? symbol ?? '', line: lineAt(at + whole.length) });
    at += whole.length;
  }
  tokens.push({ kind: 'end', text: 'the end', line: lineAt(text.length) });
  return tokens;
}

function syntax(line: number, message: string): InputError {
  return new InputError('KERNEL_SYNTAX', `kernel line ${line}: ${message}`);
}

/** Recursive descent; the grammar is the reading order of the methods. */
class Parser {
  private at = 0;

  constructor(private readonly tokens: readonly Token[]) {}

  program(): Statement[] {
    const statements: Statement[] = [];
    while (this.peek().kind !== 'end') statements.push(this.statement());
    return statements;
  }

  private statement(): Statement {
    if (this.peek().text === 'if') return this.conditional();
    const name = this.takeName();
    this.expect('=');
    const value = this.expression();
    this.expect(';');
    return { kind: 'assign', name, value };
  }

  private conditional(): Statement {
    this.expect('if');
    this.expect('(');
    const test = this.expression();
    this.expect(')');
    const then = this.block();
    if (this.peek().text !== 'else') return { kind: 'if', test, then, otherwise: [] };
    this.at++;
    const otherwise = this.peek().text === 'if' ? [this.conditional()] : this.block();
    return { kind: 'if', test, then, otherwise };
  }

  private block(): Statement[] {
    this.expect('{');
    const statements: Statement[] = [];
    while (this.peek().text !== '}') statements.push(this.statement());
    this.expect('}');
    return statements;
  }

  private expression(): Expr {
    const test = this.binary(1);
    if (this.peek().text !== '?') return test;
    this.at++;
    const then = this.expression();
    this.expect(':');
    return { kind: 'select', test, then, otherwise: this.expression() };
  }

  private binary(lowest: number): Expr {
    let left = this.unary();
    while (true) {
      const token = this.peek();
      const precedence = token.kind === 'symbol' ? (PRECEDENCE[token.text] ?? 0) : 0;
      if (precedence < lowest) return left;
      this.at++;
      left = { kind: 'binary', op: token.text as BinaryOp, left, right: this.binary(precedence + 1) };
    }
  }

  private unary(): Expr {
    const { text } = this.peek();
    if (text === '-' || text === '!') {
      this.at++;
      return { kind: 'unary', op: text, arg: this.unary() };
    }
    return this.primary();
  }

  private primary(): Expr {
    const token = this.peek();
    this.at++;
    if (token.kind === 'number') return { kind: 'number', value: Number(token.text) };
    if (token.text === '(') {
      const inner = this.expression();
      this.expect(')');
      return inner;
    }
    if (token.kind !== 'name') throw syntax(token.line, `found "${token.text}", expected a value`);
    if (this.peek().text !== '(') return { kind: 'name', name: token.text };
    return this.call(token);
  }

  private call(name: Token): Expr {
    if (!Object.hasOwn(KERNEL_FUNCTIONS, name.text)) {
      const known = Object.keys(KERNEL_FUNCTIONS).join(', ');
      throw syntax(name.line, `found function "${name.text}", expected one of ${known}`);
    }
    const fn = name.text as KernelFunction;
    this.expect('(');
    const args = [this.expression()];
    while (this.peek().text === ',') {
      this.at++;
      args.push(this.expression());
    }
    this.expect(')');
    if (args.length !== KERNEL_FUNCTIONS[fn]) {
      throw syntax(name.line, `found ${args.length} arguments of ${fn}, expected ${KERNEL_FUNCTIONS[fn]}`);
    }
    return { kind: 'call', fn, args };
  }

  private takeName(): string {
    const token = this.peek();
    if (token.kind !== 'name')
      throw syntax(token.line, `found "${token.text}", expected a name to assign to`);
    this.at++;
    return token.text;
  }

  private expect(text: string): void {
    const token = this.peek();
    if (token.text !== text) throw syntax(token.line, `found "${token.text}", expected "${text}"`);
    this.at++;
  }

  private peek(): Token {
    return this.tokens[this.at] as Token;
  }
}
