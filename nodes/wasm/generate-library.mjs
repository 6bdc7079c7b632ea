// Compiles the kernels that most populations need and writes them as a TypeScript module, with hashes of what they were made of.
// Reads the compiler from dist: build first.
import { readFileSync, writeFileSync } from 'node:fs';
import { kernelOf } from '../../dist/graph/kernel/check.js';
import { compileKernel } from '../../dist/nodes/wasm/compile.js';
import { usualKernels } from '../../dist/nodes/wasm/library.js';
import { compilerHash, kernelHash } from '../../dist/nodes/wasm/library-hash.js';

const compiler = compilerHash((path) => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8'));
const made = usualKernels().map(({ key, model, shape }) => {
  const kernel = kernelOf(model);
  const code = compileKernel(kernel, shape);
  return { key, code, hash: kernelHash(compiler, kernel, shape, code) };
});
const entries = made.map(({ key, code }) => {
  const text = Buffer.from(code).toString('base64');
  return `  ${JSON.stringify(key)}: [\n${text
    .match(/.{1,100}/g)
    .map((line) => `    '${line}',`)
    .join('\n')}\n  ].join(''),`;
});
const head = "// Made by nodes/wasm/generate-library.mjs; don't edit.\n";
const source = `${head}export const LIBRARY_BASE64: Readonly<Record<string, string>> = {\n${entries.join('\n')}\n};\n`;
writeFileSync('nodes/wasm/gen/library.ts', source);
const hashes = made.map(({ key, hash }) => `  ${JSON.stringify(key)}: '${hash}',`);
writeFileSync(
  'nodes/wasm/gen/library-hashes.ts',
  `${head}/** For the test that the library is up to date. */\nexport const LIBRARY_HASHES: Readonly<Record<string, string>> = {\n${hashes.join('\n')}\n};\n`,
);
