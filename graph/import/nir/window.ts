import type { Shape } from './broadcast.js';
import type { FlatNode } from './flatten.js';
import type { NirArray } from './types.js';

export const numbers = (flat: FlatNode, field: string): NirArray => flat.node.fields[field] as NirArray;

/** A field of one number for each dimension of space, or one for all. */
export function perDimension(flat: FlatNode, field: string, dimensions: number): readonly number[] {
  const { values } = numbers(flat, field);
  return values.length === 1 ? Array<number>(dimensions).fill(values[0]) : [...values];
}

export interface Window {
  readonly kernel: readonly number[];
  readonly stride: readonly number[];
  readonly dilation: readonly number[];
  /** Zeros before and after, for each dimension of space. */
  readonly padding: readonly (readonly [number, number])[];
}

/** Geometry of a convolution or a pool. `same` pads like PyTorch: the odd zero comes after. */
export function windowOf(flat: FlatNode): Window {
  const { node } = flat;
  const isConv = node.type === 'Conv1d' || node.type === 'Conv2d';
  const dimensions = node.type === 'Conv1d' ? 1 : 2;
  const kernel = isConv
    ? numbers(flat, 'weight').shape.slice(2)
    : perDimension(flat, 'kernel_size', dimensions);
  const dilation = isConv ? perDimension(flat, 'dilation', dimensions) : Array<number>(dimensions).fill(1);
  const stride = perDimension(flat, 'stride', dimensions);
  const word = node.fields.padding;
  const padding =
    typeof word === 'string'
      ? kernel.map((k, d): [number, number] => {
          const total = word === 'same' ? dilation[d] * (k - 1) : 0;
          return [Math.floor(total / 2), total - Math.floor(total / 2)];
        })
      : perDimension(flat, 'padding', dimensions).map((p): [number, number] => [p, p]);
  return { kernel, stride, dilation, padding };
}

export function slide(space: Shape, window: Window): number[] {
  return space.map((n, d) => {
    const [before, after] = window.padding[d];
    return (
      Math.floor((n + before + after - window.dilation[d] * (window.kernel[d] - 1) - 1) / window.stride[d]) +
      1
    );
  });
}
