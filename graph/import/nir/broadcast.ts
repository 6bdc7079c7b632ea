import type { NirArray } from './types.js';

export type Shape = readonly number[];

export const sizeOf = (shape: Shape): number => shape.reduce((a, b) => a * b, 1);
export const sameShape = (a: Shape, b: Shape): boolean =>
  a.length === b.length && a.every((n, i) => n === b[i]);
const squeeze = (shape: Shape): Shape => shape.filter((n) => n !== 1);
/** Equal up to dimensions of size 1, which some tools keep for batch and time. */
export const equivalent = (a: Shape, b: Shape): boolean => sameShape(squeeze(a), squeeze(b));

/** NumPy's broadcasting of two shapes; undefined where they don't go together. */
export function broadcast(a: Shape, b: Shape): Shape | undefined {
  const rank = Math.max(a.length, b.length);
  const shape: number[] = [];
  for (let d = 0; d < rank; d++) {
    const [m, n] = [a[a.length - rank + d] ?? 1, b[b.length - rank + d] ?? 1];
    if (m !== n && m !== 1 && n !== 1) return undefined;
    shape.push(Math.max(m, n));
  }
  return shape;
}

export function fits(shape: Shape, target: Shape): boolean {
  if (equivalent(shape, target) || sizeOf(shape) === 1) return true;
  const joint = broadcast(shape, target);
  return joint !== undefined && sameShape(joint, target);
}

/** A field's values for every element of `shape`, row-major; one number where they are all the same. */
export function spread(array: NirArray, shape: Shape): number | Float64Array {
  const { values } = array;
  if (values.every((x) => x === values[0])) return values[0];
  if (values.length === sizeOf(shape)) return values;
  const out = new Float64Array(sizeOf(shape));
  const rank = shape.length;
  for (let i = 0; i < out.length; i++) {
    let [rest, at, step] = [i, 0, 1];
    for (let d = rank - 1, s = array.shape.length - 1; d >= 0; d--, s--) {
      const index = rest % shape[d];
      rest = Math.floor(rest / shape[d]);
      const extent = s >= 0 ? array.shape[s] : 1;
      if (extent !== 1) at += index * step;
      step *= extent;
    }
    out[i] = values[at];
  }
  return out;
}
