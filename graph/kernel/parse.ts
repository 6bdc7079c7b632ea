import { InputError } from '../errors.js';
import { type BinaryOp, type Expr, KERNEL_FUNCTIONS, type KernelFunction, type Statement } from './ast.js';

interface Token {
  readonly kind: 'number' | 'name' | 'symbol' | 'end';
  readonly text: string;
  readonly line: number;
}

const BLANK = /\n|[^\S\n]+|\/\/[^\n]*/y;
const TOKEN =
  /(?:(\d+\.?\d*(?:[eE][+-]?\d+)?|\.\d+(?:[eE][+-]?\d+)?)|([A-Za-z_]\w*)|(<=|>=|==|!=|&&|\|\||[-+*/<>!?:(){},;=]))/y;

/** Of parentheses, blocks and signs in each other, and of operators in a row: more isn't meant, and would fill the stack. */
const DEEPEST = 100;
const LONGEST_CHAIN = 1000;

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

/**
 * @param functions Numbers of arguments by name; those of neuron models unless said otherwise
 * @throws InputError KERNEL_SYNTAX naming the line and what was found and expected.
 */
export function parseKernel(
  text: string,
  functions: Readonly<Record<string, number>> = KERNEL_FUNCTIONS,
): readonly Statement[] {
  const parser = new Parser(tokenize(text), functions);
  return parser.program();
}

function tokenize(text: string): Token[] {
  const tokens: Token[] = [];
  let at = 0;
  let line = 1;
  while (at < text.length) {
    BLANK.lastIndex = at;
    const blank = BLANK.exec(text)?.[0];
    if (blank !== undefined) {
      if (blank === '\n') line++;
      at += blank.length;
      continue;
    }
    TOKEN.lastIndex = at;
    const match = TOKEN.exec(text);
    if (match === null) throw syntax(line, `found "${text[at]}", expected a name, a number or an operator`);
    const [whole, number, name, symbol] = match;
    const kind = number !== undefined ? 'number' : name !== undefined ? 'name' : 'symbol';
    tokens.push({ kind, text: number ?? name ?? symbol ?? '', line });
    at += whole.length;
  }
  tokens.push({ kind: 'end', text: 'the end', line });
  return tokens;
}

function syntax(line: number, message: string): InputError {
  return new InputError('KERNEL_SYNTAX', `kernel line ${line}: ${message}`);
}

/** Recursive descent; the grammar is the reading order of the methods. */
class Parser {
  private at = 0;
  private depth = 0;

  constructor(
    private readonly tokens: readonly Token[],
    private readonly functions: Readonly<Record<string, number>>,
  ) {}

  program(): Statement[] {
    const statements: Statement[] = [];
    while (this.peek().kind !== 'end') statements.push(this.statement());
    return statements;
  }

  /** Everything that can contain itself is parsed through here. */
  private nested<T>(parse: () => T): T {
    if (++this.depth > DEEPEST) {
      throw syntax(this.peek().line, `found more than ${DEEPEST} levels of nesting, expected fewer`);
    }
    const parsed = parse();
    this.depth--;
    return parsed;
  }

  private statement(): Statement {
    if (this.peek().text === 'if') return this.nested(() => this.conditional());
    // Synapse models, which bring functions of their own, have no loops: an event has to end.
    if (this.peek().text === 'while' && this.functions === KERNEL_FUNCTIONS)
      return this.nested(() => this.loop());
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
    const otherwise = this.peek().text === 'if' ? [this.nested(() => this.conditional())] : this.block();
    return { kind: 'if', test, then, otherwise };
  }

  private loop(): Statement {
    this.expect('while');
    this.expect('(');
    const test = this.expression();
    this.expect(')');
    const then = this.block();
    return { kind: 'if', test, then, otherwise: [], loop: true };
  }

  private block(): Statement[] {
    this.expect('{');
    const statements: Statement[] = [];
    while (this.peek().text !== '}') statements.push(this.statement());
    this.expect('}');
    return statements;
  }

  private expression(): Expr {
    return this.nested(() => this.choice());
  }

  private choice(): Expr {
    const test = this.binary(1);
    if (this.peek().text !== '?') return test;
    this.at++;
    const then = this.expression();
    this.expect(':');
    return { kind: 'select', test, then, otherwise: this.expression() };
  }

  private binary(lowest: number): Expr {
    let left = this.unary();
    for (let length = 0; ; length++) {
      const token = this.peek();
      const precedence = token.kind === 'symbol' ? (PRECEDENCE[token.text] ?? 0) : 0;
      if (precedence < lowest) return left;
      if (length === LONGEST_CHAIN) {
        throw syntax(token.line, `found more than ${LONGEST_CHAIN} operators in a row, expected fewer`);
      }
      this.at++;
      left = { kind: 'binary', op: token.text as BinaryOp, left, right: this.binary(precedence + 1) };
    }
  }

  private unary(): Expr {
    const { text } = this.peek();
    if (text === '-' || text === '!') {
      this.at++;
      return { kind: 'unary', op: text, arg: this.nested(() => this.unary()) };
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
    if (!Object.hasOwn(this.functions, name.text)) {
      const known = Object.keys(this.functions).join(', ');
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
    if (args.length !== this.functions[fn]) {
      throw syntax(name.line, `found ${args.length} arguments of ${fn}, expected ${this.functions[fn]}`);
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
