/**
 * The kernel language: what one neuron does in one step, as statements over float64 names. Small on purpose: everything in it has the
 * same bits in an interpreter and in WASM SIMD (IEEE +, -, *, /, sqrt, comparisons, access to an exponent's bits), and every statement
 * becomes lane-wise selects.
 */
export type Expr =
  | { readonly kind: 'number'; readonly value: number }
  | { readonly kind: 'name'; readonly name: string }
  | { readonly kind: 'unary'; readonly op: '-' | '!'; readonly arg: Expr }
  | { readonly kind: 'binary'; readonly op: BinaryOp; readonly left: Expr; readonly right: Expr }
  | { readonly kind: 'call'; readonly fn: KernelFunction; readonly args: readonly Expr[] }
  | { readonly kind: 'select'; readonly test: Expr; readonly then: Expr; readonly otherwise: Expr };

export type BinaryOp = '+' | '-' | '*' | '/' | '<' | '<=' | '>' | '>=' | '==' | '!=' | '&&' | '||';

/**
 * What an engine has to have an operation for. `min` and `max` are comparisons: min(a, b) is a < b ? a : b. `pow2` is 2^k for whole k from
 * −1022 to 1023 (what it gives for others may differ between engines); `exponent` and `significand` take a positive normal number x
 * apart: x = significand · 2^exponent, 1 <= significand < 2.
 */
export type Primitive =
  | 'sqrt'
  | 'abs'
  | 'min'
  | 'max'
  | 'floor'
  | 'trunc'
  | 'pow2'
  | 'exponent'
  | 'significand';

/** Written in the language itself, in `functions.ts`. */
export type Elementary = 'exp' | 'log' | 'pow' | 'sin' | 'cos' | 'tanh';

export type KernelFunction = Primitive | Elementary;

export const KERNEL_FUNCTIONS: Readonly<Record<KernelFunction, number>> = {
  sqrt: 1,
  abs: 1,
  min: 2,
  max: 2,
  floor: 1,
  trunc: 1,
  pow2: 1,
  exponent: 1,
  significand: 1,
  exp: 1,
  log: 1,
  pow: 2,
  sin: 1,
  cos: 1,
  tanh: 1,
};

export type Statement =
  | { readonly kind: 'assign'; readonly name: string; readonly value: Expr }
  | {
      readonly kind: 'if';
      readonly test: Expr;
      readonly then: readonly Statement[];
      readonly otherwise: readonly Statement[];
      /** `while`: again, as long as the test holds. Whoever writes one sees to it that it ends, for any state. */
      readonly loop?: true;
    };

export type KernelType = 'number' | 'truth';

export const COMPARISONS: ReadonlySet<BinaryOp> = new Set<BinaryOp>(['<', '<=', '>', '>=', '==', '!=']);
export const LOGICAL: ReadonlySet<BinaryOp> = new Set<BinaryOp>(['&&', '||']);

export function childrenOf(expr: Expr): readonly Expr[] {
  switch (expr.kind) {
    case 'number':
    case 'name':
      return [];
    case 'unary':
      return [expr.arg];
    case 'binary':
      return [expr.left, expr.right];
    case 'call':
      return expr.args;
    case 'select':
      return [expr.test, expr.then, expr.otherwise];
  }
}

/** Every expression of the statements, at any depth, outermost first. */
export function* expressionsOf(statements: readonly Statement[]): Generator<Expr> {
  for (const statement of statements) {
    if (statement.kind === 'assign') yield* within(statement.value);
    else {
      yield* within(statement.test);
      yield* expressionsOf(statement.then);
      yield* expressionsOf(statement.otherwise);
    }
  }
}

function* within(expr: Expr): Generator<Expr> {
  yield expr;
  for (const child of childrenOf(expr)) yield* within(child);
}
