import { childrenOf, type Expr, type Statement } from './ast.js';
import type { Kernel } from './check.js';

/** A kernel without what its fixed parameters rule out, and which state variables are then left to load and to store. */
export interface SpecialKernel {
  readonly statements: readonly Statement[];
  /** Parameters, constants, state, inputs and locals that are read. */
  readonly reads: ReadonlySet<string>;
  readonly writes: ReadonlySet<string>;
}

/** Parameters that alone decide a test: switches between variants of a model. */
export function switchesOf(kernel: Kernel): ReadonlySet<string> {
  const parameters = new Set(kernel.parameters);
  const switches = new Set<string>();
  for (const test of testsOf(kernel.statements)) {
    const names = namesOf(test);
    if (names.size > 0 && [...names].every((name) => parameters.has(name)))
      for (const name of names) switches.add(name);
  }
  return switches;
}

/** Prunes branches whose tests are decided by `values` (of parameters that are the same for all neurons). The rest means the same, bit for bit. */
export function specialise(kernel: Kernel, values: Readonly<Record<string, number>>): SpecialKernel {
  const statements = prune(kernel.statements, values);
  const reads = new Set<string>();
  const writes = new Set<string>();
  collect(statements, reads, writes);
  return { statements, reads, writes };
}

function prune(statements: readonly Statement[], values: Readonly<Record<string, number>>): Statement[] {
  return statements.flatMap((statement): Statement[] => {
    if (statement.kind === 'assign') return [{ ...statement, value: pruneExpr(statement.value, values) }];
    const test = pruneExpr(statement.test, values);
    const decided = decide(test, values);
    if (statement.loop) {
      const then = prune(statement.then, values);
      return decided === false ? [] : [{ ...statement, test, then }];
    }
    if (decided !== undefined) return prune(decided ? statement.then : statement.otherwise, values);
    const then = prune(statement.then, values);
    return [{ kind: 'if', test, then, otherwise: prune(statement.otherwise, values) }];
  });
}

function pruneExpr(expr: Expr, values: Readonly<Record<string, number>>): Expr {
  switch (expr.kind) {
    case 'number':
    case 'name':
      return expr;
    case 'unary':
      return { ...expr, arg: pruneExpr(expr.arg, values) };
    case 'binary':
      return pruneBinary(expr, pruneExpr(expr.left, values), pruneExpr(expr.right, values), values);
    case 'call':
      return { ...expr, args: expr.args.map((arg) => pruneExpr(arg, values)) };
    case 'select': {
      const test = pruneExpr(expr.test, values);
      const decided = decide(test, values);
      if (decided !== undefined) return pruneExpr(decided ? expr.then : expr.otherwise, values);
      const then = pruneExpr(expr.then, values);
      return { ...expr, test, then, otherwise: pruneExpr(expr.otherwise, values) };
    }
  }
}

/** Of `a && b` and `a || b`, the side that is left when the other is decided and doesn't decide both. */
function pruneBinary(
  expr: Expr & { readonly kind: 'binary' },
  left: Expr,
  right: Expr,
  values: Readonly<Record<string, number>>,
): Expr {
  if (expr.op === '&&' || expr.op === '||') {
    const neutral = expr.op === '&&';
    if (decide(left, values) === neutral) return right;
    if (decide(right, values) === neutral) return left;
  }
  return { ...expr, left, right };
}

/** The truth of a test, where comparisons of fixed parameters and numbers decide it. */
function decide(test: Expr, values: Readonly<Record<string, number>>): boolean | undefined {
  if (test.kind === 'unary' && test.op === '!') {
    const inner = decide(test.arg, values);
    return inner === undefined ? undefined : !inner;
  }
  if (test.kind !== 'binary') return undefined;
  if (test.op === '&&' || test.op === '||')
    return decideBoth(test.op, decide(test.left, values), decide(test.right, values));
  const left = fixed(test.left, values);
  const right = fixed(test.right, values);
  return left === undefined || right === undefined ? undefined : compare(test.op, left, right);
}

function decideBoth(
  op: '&&' | '||',
  left: boolean | undefined,
  right: boolean | undefined,
): boolean | undefined {
  const absorbing = op === '||';
  if (left === absorbing || right === absorbing) return absorbing;
  return left === undefined || right === undefined ? undefined : !absorbing;
}

function compare(op: string, left: number, right: number): boolean | undefined {
  switch (op) {
    case '<':
      return left < right;
    case '<=':
      return left <= right;
    case '>':
      return left > right;
    case '>=':
      return left >= right;
    case '==':
      return left === right;
    case '!=':
      return left !== right;
    default:
      return undefined;
  }
}

function fixed(expr: Expr, values: Readonly<Record<string, number>>): number | undefined {
  if (expr.kind === 'number') return expr.value;
  if (expr.kind === 'unary' && expr.op === '-') {
    const inner = fixed(expr.arg, values);
    return inner === undefined ? undefined : -inner;
  }
  return expr.kind === 'name' && Object.hasOwn(values, expr.name) ? values[expr.name] : undefined;
}

function* testsOf(statements: readonly Statement[]): Generator<Expr> {
  for (const statement of statements) {
    if (statement.kind === 'assign') {
      yield* testsIn(statement.value);
      continue;
    }
    yield statement.test;
    yield* testsIn(statement.test);
    yield* testsOf(statement.then);
    yield* testsOf(statement.otherwise);
  }
}

function* testsIn(expr: Expr): Generator<Expr> {
  if (expr.kind === 'select') yield expr.test;
  for (const child of childrenOf(expr)) yield* testsIn(child);
}

function namesOf(expr: Expr, names: Set<string> = new Set()): Set<string> {
  if (expr.kind === 'name') names.add(expr.name);
  for (const child of childrenOf(expr)) namesOf(child, names);
  return names;
}

function collect(statements: readonly Statement[], reads: Set<string>, writes: Set<string>): void {
  for (const statement of statements) {
    if (statement.kind === 'assign') {
      namesOf(statement.value, reads);
      writes.add(statement.name);
      continue;
    }
    namesOf(statement.test, reads);
    collect(statement.then, reads, writes);
    collect(statement.otherwise, reads, writes);
  }
}
