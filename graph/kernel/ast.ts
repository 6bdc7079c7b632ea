/**
 * The kernel language: what one neuron does in one step, as statements over float64 names. Small on purpose: everything in it has the
 * same bits in an interpreter and in WASM SIMD (IEEE +, -, *, /, sqrt, comparisons), and every statement becomes lane-wise selects.
 */
export type Expr =
  | { readonly kind: 'number'; readonly value: number }
  | { readonly kind: 'name'; readonly name: string }
  | { readonly kind: 'unary'; readonly op: '-' | '!'; readonly arg: Expr }
  | { readonly kind: 'binary'; readonly op: BinaryOp; readonly left: Expr; readonly right: Expr }
  | { readonly kind: 'call'; readonly fn: KernelFunction; readonly args: readonly Expr[] }
  | { readonly kind: 'select'; readonly test: Expr; readonly then: Expr; readonly otherwise: Expr };

export type BinaryOp = '+' | '-' | '*' | '/' | '<' | '<=' | '>' | '>=' | '==' | '!=' | '&&' | '||';

/** `min` and `max` are comparisons: min(a, b) is a < b ? a : b. */
export type KernelFunction = 'sqrt' | 'abs' | 'min' | 'max' | 'floor';

export const KERNEL_FUNCTIONS: Readonly<Record<KernelFunction, number>> = {
  sqrt: 1,
  abs: 1,
  min: 2,
  max: 2,
  floor: 1,
};

export type Statement =
  | { readonly kind: 'assign'; readonly name: string; readonly value: Expr }
  | {
      readonly kind: 'if';
      readonly test: Expr;
      readonly then: readonly Statement[];
      readonly otherwise: readonly Statement[];
    };

export type KernelType = 'number' | 'truth';

export const COMPARISONS: ReadonlySet<BinaryOp> = new Set<BinaryOp>(['<', '<=', '>', '>=', '==', '!=']);
export const LOGICAL: ReadonlySet<BinaryOp> = new Set<BinaryOp>(['&&', '||']);
