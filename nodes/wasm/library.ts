import { kernelOf } from '../../graph/kernel/check.js';
import { switchesOf } from '../../graph/kernel/specialise.js';
import type { ModelSpec } from '../../graph/model.js';
import { models } from '../../graph/models/index.js';
import { LIBRARY_BASE64 } from './gen/library.js';
import { type KernelShape, shapeKey } from './shape.js';

/**
 * The shapes that most populations have: the same parameters for all neurons, the model's default variant, with and without a current. Their
 * kernels are compiled ahead (`generate-library.mjs`), so that an ordinary run needn't load the compiler.
 */
export function usualShapes(model: ModelSpec): KernelShape[] {
  const kernel = kernelOf(model);
  const switches = Object.fromEntries(
    [...switchesOf(kernel)].map((name) => [name, model.parameters[name].default ?? 0]),
  );
  const hasOutput = model.emits === 'signal';
  return (kernel.usesCurrent ? [false, true] : [false]).map((hasCurrent) => ({
    columns: [],
    switches,
    hasCurrent,
    hasOutput,
  }));
}

/** All usual shapes of all models, by key. */
export function usualKernels(): {
  readonly key: string;
  readonly model: ModelSpec;
  readonly shape: KernelShape;
}[] {
  return [...models.values()].flatMap((model) =>
    usualShapes(model).map((shape) => ({ key: shapeKey(kernelOf(model), shape), model, shape })),
  );
}

/** The kernel compiled ahead under this key, if there is one. */
export function fromLibrary(key: string): Uint8Array | undefined {
  const text = LIBRARY_BASE64[key];
  return text === undefined ? undefined : new Uint8Array(Buffer.from(text, 'base64'));
}
