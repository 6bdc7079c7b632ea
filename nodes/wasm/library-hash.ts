import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
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

/** What the compiler is: its sources, and the version of binaryen. @param root The repository, with a slash at its end */
export function compilerHash(root: URL): string {
  const hash = createHash('sha256');
  for (const path of COMPILER) hash.update(readFileSync(new URL(path, root)));
  const lock = JSON.parse(readFileSync(new URL('package-lock.json', root), 'utf8')) as {
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
