import { createHash } from 'node:crypto';
import type { Kernel } from '../../graph/kernel/check.js';
import type { KernelShape } from './shape.js';

/** Sources that a compiled kernel's bytes follow from, beside the model itself: paths within the repository. */
const COMPILER = [
  'nodes/wasm/compile.ts',
  'graph/kernel/ast.ts',
  'graph/kernel/functions.ts',
  'graph/kernel/parse.ts',
  'graph/kernel/specialise.ts',
];

/** What the compiler is: its sources, and the version of binaryen. @param read A file of the repository, as text */
export function compilerHash(read: (path: string) => string): string {
  const hash = createHash('sha256');
  for (const path of COMPILER) hash.update(read(path));
  const lock = JSON.parse(read('package-lock.json')) as {
    readonly packages: Readonly<Record<string, { readonly version: string }>>;
  };
  return hash.update(lock.packages['node_modules/binaryen'].version).digest('hex');
}

/** Of everything that goes into a kernel compiled ahead, and of what came out: kept beside the code, so that a test needn't compile it again. */
export function kernelHash(compiler: string, kernel: Kernel, shape: KernelShape, code: Uint8Array): string {
  const { locals, ...rest } = kernel;
  return createHash('sha256')
    .update(JSON.stringify([compiler, rest, [...locals], shape]))
    .update(code)
    .digest('hex');
}
