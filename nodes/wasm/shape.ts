import type { Kernel } from '../../graph/kernel/check.js';

/** What a kernel's code depends on beyond the model: which names have one value a neuron, and what the population has. */
export interface KernelShape {
  /** Parameters and constants that are columns, in the kernel's order. */
  readonly columns: readonly string[];
  /** Values of the parameters that switch between variants of the model, where they are the same for all neurons. */
  readonly switches: Readonly<Record<string, number>>;
  readonly hasCurrent: boolean;
  readonly hasOutput: boolean;
}

/** Equal keys have equal modules, whatever the other values and places. */
export function shapeKey(kernel: Kernel, shape: KernelShape): string {
  return [
    kernel.model,
    ...shape.columns,
    ...Object.entries(shape.switches).map(([name, value]) => `${name}=${value}`),
    shape.hasCurrent ? '+current' : '',
    shape.hasOutput ? '+output' : '',
  ].join(' ');
}
