/**
 * A NIR file as readonly data, exactly as it was written: dtypes, shapes, edge order and duplicates are kept, so that what is read
 * can be written back unchanged. Everything that interprets it is in `lower.ts`.
 */

export type NirDtype =
  | 'float32'
  | 'float64'
  | 'int8'
  | 'int16'
  | 'int32'
  | 'int64'
  | 'uint8'
  | 'uint16'
  | 'uint32'
  | 'uint64';

/** An array of numbers, row-major. A scalar has shape []. Truths are int8 0 and 1. Integers beyond 2^53 are refused at reading. */
export interface NirArray {
  readonly dtype: NirDtype;
  readonly shape: readonly number[];
  readonly values: Float64Array;
}

export interface NirStrings {
  readonly dtype: 'string';
  readonly shape: readonly number[];
  readonly values: readonly string[];
}

export type NirValue = string | NirArray | NirStrings | NirDict;

/** Metadata: nested as in the file. */
export interface NirDict {
  readonly [key: string]: NirValue;
}

export type NirPrimitive =
  | 'Input'
  | 'Output'
  | 'Affine'
  | 'Linear'
  | 'Scale'
  | 'Conv1d'
  | 'Conv2d'
  | 'AvgPool2d'
  | 'SumPool2d'
  | 'Flatten'
  | 'Delay'
  | 'Threshold'
  | 'I'
  | 'LI'
  | 'IF'
  | 'LIF'
  | 'CubaLI'
  | 'CubaLIF';

export interface NirNode {
  readonly type: NirPrimitive;
  /** Fields under their names in the file; absent ones stay absent. Only `padding` may be a string. */
  readonly fields: Readonly<Record<string, NirArray | string>>;
  readonly metadata: NirDict;
}

export type NirEdge = readonly [source: string, target: string];

export interface NirGraph {
  readonly type: 'NIRGraph';
  /** In the file's order of names. */
  readonly nodes: ReadonlyMap<string, NirNode | NirGraph>;
  readonly edges: readonly NirEdge[];
  readonly metadata: NirDict;
  /** Version of the nir package that wrote the file; only at the root, and only where the file says it. */
  readonly version?: string;
}

/** A scalar or an array of `float64` from plain numbers: for builders and tests. */
export function nirArray(
  values: ArrayLike<number> | number,
  shape?: readonly number[],
  dtype: NirDtype = 'float64',
): NirArray {
  if (typeof values === 'number') return { dtype, shape: shape ?? [], values: Float64Array.of(values) };
  return { dtype, shape: shape ?? [values.length], values: Float64Array.from(values) };
}

export function isNirArray(value: NirValue): value is NirArray {
  return typeof value === 'object' && value.values instanceof Float64Array;
}

export function isNirStrings(value: NirValue): value is NirStrings {
  return typeof value === 'object' && Array.isArray(value.values);
}
