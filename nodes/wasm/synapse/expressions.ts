/** Statements and expressions of synapse models as WebAssembly text, and the locals that they need. */
import type { Expr, Statement } from '../../../graph/kernel/ast.js';
import type { BoundProgram } from '../../../graph/synapses/bind.js';
import type { Block } from '../../../graph/synapses/program.js';
import { tausOf } from '../../engine/plastic/decay.js';
import { placesOf } from './layout.js';

/** From a model's name to its local's. */
export type Names = (name: string) => string;

export class ExpressionWriter {
  protected locals = new Map<string, 'i32' | 'f64'>();
  protected temporaries = 0;
  protected readonly taus: readonly number[];
  protected readonly places: ReturnType<typeof placesOf>;

  constructor(protected readonly program: BoundProgram) {
    this.taus = tausOf(program);
    this.places = placesOf(program);
  }

  protected decay(tauMs: number, steps: string): string {
    const j = this.taus.indexOf(tauMs);
    const k = this.temporary('i32');
    const low = `(i32.and ${get(k)} (i32.sub (i32.shl (i32.const 1) ${get(`shift${j}`)}) (i32.const 1)))`;
    return `(if (result f64) (i32.lt_u (i32.shr_u (local.tee $${k} ${steps}) ${get(`shift${j}`)}) ${get(`length${j}`)})
      (then (f64.mul (f64.load (i32.add ${get(`high${j}`)} (i32.shl (i32.shr_u ${get(k)} ${get(`shift${j}`)}) (i32.const 3))))
        (f64.load (i32.add ${get(`low${j}`)} (i32.shl ${low} (i32.const 3))))))
      (else (f64.const 0)))`;
  }

  protected block({ statements, locals }: Block, names: Names): string[] {
    for (const [name, type] of locals) this.use(`l_${name}`, type === 'truth' ? 'i32' : 'f64');
    const cleared = [...locals].map(
      ([name, type]) => `(local.set $l_${name} (${type === 'truth' ? 'i32' : 'f64'}.const 0))`,
    );
    return [...cleared, ...statements.map((statement) => this.statement(statement, names))];
  }

  protected statement(statement: Statement, names: Names): string {
    if (statement.kind === 'assign') {
      const name = names(statement.name);
      if (!this.locals.has(name)) this.use(name, 'f64');
      return `(local.set $${name} ${this.expr(statement.value, names)})`;
    }
    const all = (list: readonly Statement[]): string => list.map((s) => this.statement(s, names)).join('\n');
    return `(if ${this.expr(statement.test, names)} (then ${all(statement.then)}) (else ${all(statement.otherwise)}))`;
  }

  protected expr(expr: Expr, names: Names): string {
    switch (expr.kind) {
      case 'number':
        return constant(expr.value);
      case 'name':
        return get(names(expr.name));
      case 'unary':
        return `(${expr.op === '!' ? 'i32.eqz' : 'f64.neg'} ${this.expr(expr.arg, names)})`;
      case 'binary':
        return `(${OPERATORS[expr.op]} ${this.expr(expr.left, names)} ${this.expr(expr.right, names)})`;
      case 'select': {
        const type = this.isTruth(expr.then, names) ? 'i32' : 'f64';
        const [test, then, otherwise] = [expr.test, expr.then, expr.otherwise].map((e) =>
          this.expr(e, names),
        );
        return `(if (result ${type}) ${test} (then ${then}) (else ${otherwise}))`;
      }
      case 'call':
        return this.call(expr.fn, expr.args, names);
    }
  }

  protected isTruth(expr: Expr, names: Names): boolean {
    if (expr.kind === 'name') return this.locals.get(names(expr.name)) === 'i32';
    if (expr.kind === 'select') return this.isTruth(expr.then, names);
    if (expr.kind === 'unary') return expr.op === '!';
    return expr.kind === 'binary' && !'+-*/'.includes(expr.op);
  }

  protected call(fn: string, args: readonly Expr[], names: Names): string {
    if (fn === 'decay') return this.decay((args[0] as Expr & { kind: 'number' }).value, get('h'));
    const texts = args.map((arg) => this.expr(arg, names));
    if (fn === 'min' || fn === 'max') {
      const [a, b] = [this.temporary('f64'), this.temporary('f64')];
      const test = `(f64.${fn === 'min' ? 'lt' : 'gt'} ${get(a)} ${get(b)})`;
      return `(select (local.tee $${a} ${texts[0]}) (local.tee $${b} ${texts[1]}) ${test})`;
    }
    if (fn === 'exp' || fn === 'log' || fn === 'pow') return `(call $${fn} ${texts.join(' ')})`;
    return `(f64.${fn} ${texts[0]})`;
  }

  protected use(name: string, type: 'i32' | 'f64' = 'i32'): void {
    this.locals.set(name, type);
  }

  protected temporary(type: 'i32' | 'f64'): string {
    const name = `temporary${this.temporaries++}`;
    this.use(name, type);
    return name;
  }

  /** @param also Another local that is used before it is set: 0 then */
  protected set(name: string, value: string, also?: string): string {
    if (also !== undefined) this.use(also);
    this.use(name);
    return `(local.set $${name} ${value})`;
  }

  protected setF(name: string, value: string): string {
    this.use(name, 'f64');
    return `(local.set $${name} ${value})`;
  }
}

const OPERATORS: Readonly<Record<string, string>> = {
  '+': 'f64.add',
  '-': 'f64.sub',
  '*': 'f64.mul',
  '/': 'f64.div',
  '<': 'f64.lt',
  '<=': 'f64.le',
  '>': 'f64.gt',
  '>=': 'f64.ge',
  '==': 'f64.eq',
  '!=': 'f64.ne',
  '&&': 'i32.and',
  '||': 'i32.or',
};

export const get = (name: string): string => `(local.get $${name})`;
export const constant = (value: number): string => `(f64.const ${Object.is(value, -0) ? '-0' : value})`;
