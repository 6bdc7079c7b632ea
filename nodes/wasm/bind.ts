import type { Kernel } from '../../graph/kernel/check.js';
import type { KernelData, KernelStep } from '../../graph/kernel/interpret.js';
import { switchesOf } from '../../graph/kernel/specialise.js';
import { type KernelShape, shapeKey } from './shape.js';

/** Compiled kernels by `shapeKey`. */
export type KernelModules = ReadonlyMap<string, WebAssembly.Module>;

export function shapeOf(kernel: Kernel, data: KernelData): KernelShape {
  return {
    columns: [...kernel.parameters, ...kernel.constants].filter((name) => Object.hasOwn(data.columns, name)),
    switches: Object.fromEntries(
      [...switchesOf(kernel)]
        .filter((name) => Object.hasOwn(data.scalars, name))
        .map((name) => [name, data.scalars[name]]),
    ),
    hasCurrent: data.current !== undefined,
    hasOutput: data.output !== undefined,
  };
}

/**
 * Binds a compiled kernel to a block's columns, all of which lie in `memory`. Takes the place of `interpretKernel`, with the same bits.
 * @throws RangeError when no module has been compiled for this shape.
 */
export function wasmKernel(
  modules: KernelModules,
  memory: WebAssembly.Memory,
  kernel: Kernel,
  data: KernelData,
): KernelStep {
  const shape = shapeOf(kernel, data);
  const module = modules.get(shapeKey(kernel, shape));
  if (module === undefined) throw new RangeError(`no compiled kernel for ${shapeKey(kernel, shape)}`);
  const env: Record<string, unknown> = { memory, size: data.size, fired: data.fired.byteOffset };
  for (const [name, column] of Object.entries(data.columns)) env[`col_${name}`] = column.byteOffset;
  for (const [name, value] of Object.entries(data.scalars)) env[`val_${name}`] = value;
  if (data.current !== undefined) env.current = data.current.byteOffset;
  if (data.output !== undefined) env.output = data.output.byteOffset;
  const { step } = new WebAssembly.Instance(module, { env }).exports as {
    step: (...ports: number[]) => number;
  };
  return stepWith(step, data.accumulators.byteOffset, kernel.ports.length);
}

function stepWith(step: (...ports: number[]) => number, base: number, ports: number): KernelStep {
  if (ports === 0) return () => step();
  if (ports === 1) return ([a]) => step(base + a * 8);
  if (ports === 2) return ([a, b]) => step(base + a * 8, base + b * 8);
  return (offsets) => step(...offsets.map((offset) => base + offset * 8));
}
