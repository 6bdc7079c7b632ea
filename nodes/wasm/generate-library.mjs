// Compiles the kernels that most populations need and writes them as a TypeScript module. Reads the compiler from dist: build first.
import { writeFileSync } from 'node:fs';
import { kernelOf } from '../../dist/graph/kernel/check.js';
import { compileKernel } from '../../dist/nodes/wasm/compile.js';
import { usualKernels } from '../../dist/nodes/wasm/library.js';

const entries = usualKernels().map(({ key, model, shape }) => {
  const text = Buffer.from(compileKernel(kernelOf(model), shape)).toString('base64');
  return `  ${JSON.stringify(key)}: [\n${text
    .match(/.{1,100}/g)
    .map((line) => `    '${line}',`)
    .join('\n')}\n  ].join(''),`;
});
const source = `// Made by nodes/wasm/generate-library.mjs; don't edit.\nexport const LIBRARY_BASE64: Readonly<Record<string, string>> = {\n${entries.join('\n')}\n};\n`;
writeFileSync('nodes/wasm/gen/library.ts', source);
