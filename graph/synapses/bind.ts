import { type Expr, expressionsOf, type Statement } from '../kernel/ast.js';
import type { Block, SynapseProgram } from './program.js';
import type { TraceSpec } from './spec.js';

/** A variable with its numbers. */
export interface BoundVariable {
  readonly name: string;
  /** Undefined: it doesn't decay. */
  readonly tauMs: number | undefined;
  readonly initial: number;
}

/** A program with its parameters put in: what a kernel is made from. Plain data but for the locals. */
export interface BoundProgram {
  readonly model: string;
  readonly source: readonly BoundVariable[];
  readonly target: readonly BoundVariable[];
  readonly own: readonly BoundVariable[];
  readonly onSource: Block;
  readonly onTarget: Block;
  readonly onPre: Block;
  readonly onPost: Block;
  readonly transmit: Block | undefined;
  readonly learns: boolean;
  /** Time constants that `decay` is asked for, in ms. */
  readonly decays: readonly number[];
  /** Ascending ends of the weight; undefined where it stays. */
  readonly range: readonly [number, number] | undefined;
}

export function bindProgram(
  program: SynapseProgram,
  parameters: Readonly<Record<string, number>>,
  range: readonly [number, number] | undefined,
): BoundProgram {
  const { spec } = program;
  const variables = (group: Readonly<Record<string, TraceSpec>> | undefined): BoundVariable[] =>
    Object.entries(group ?? {}).map(([name, { tau, initial = 0 }]) => ({
      name,
      tauMs: tau === undefined ? undefined : parameters[tau],
      initial: typeof initial === 'number' ? initial : parameters[initial],
    }));
  const block = (from: Block): Block => ({
    ...from,
    statements: from.statements.map((s) => statementWith(s, parameters)),
  });
  const onSource = block(program.onSource);
  const onTarget = block(program.onTarget);
  return {
    model: spec.name,
    source: variables(spec.source?.variables),
    target: variables(spec.target?.variables),
    own: variables(spec.variables),
    onSource,
    onTarget,
    onPre: block(program.onPre),
    onPost: block(program.onPost),
    transmit: program.transmit === undefined ? undefined : block(program.transmit),
    learns: program.learns,
    decays: decaysOf([...onSource.statements, ...onTarget.statements]),
    range,
  };
}

type Parameters = Readonly<Record<string, number>>;

function statementWith(statement: Statement, p: Parameters): Statement {
  if (statement.kind === 'assign') return { ...statement, value: exprWith(statement.value, p) };
  const then = statement.then.map((s) => statementWith(s, p));
  const otherwise = statement.otherwise.map((s) => statementWith(s, p));
  return { kind: 'if', test: exprWith(statement.test, p), then, otherwise };
}

/** With numbers for parameters; powers of 0 and 1 are no powers any more. */
function exprWith(expr: Expr, p: Parameters): Expr {
  switch (expr.kind) {
    case 'number':
      return expr;
    case 'name':
      return Object.hasOwn(p, expr.name) ? { kind: 'number', value: p[expr.name] } : expr;
    case 'unary':
      return { ...expr, arg: exprWith(expr.arg, p) };
    case 'binary':
      return { ...expr, left: exprWith(expr.left, p), right: exprWith(expr.right, p) };
    case 'select': {
      const then = exprWith(expr.then, p);
      return { ...expr, test: exprWith(expr.test, p), then, otherwise: exprWith(expr.otherwise, p) };
    }
    case 'call': {
      const args = expr.args.map((arg) => exprWith(arg, p));
      const [base, exponent] = args;
      if ((expr.fn as string) === 'pow' && exponent.kind === 'number') {
        if (exponent.value === 0) return { kind: 'number', value: 1 };
        if (exponent.value === 1) return base;
      }
      return { ...expr, args };
    }
  }
}

/** The time constants of all calls of `decay`. */
function decaysOf(statements: readonly Statement[]): number[] {
  return [...expressionsOf(statements)].flatMap((expr) => {
    if (expr.kind !== 'call' || (expr.fn as string) !== 'decay') return [];
    return [(expr.args[0] as Expr & { readonly kind: 'number' }).value];
  });
}
