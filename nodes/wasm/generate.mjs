// Compiles assembly/ to WASM and writes it as a TypeScript module, so that it loads wherever TypeScript does.
// With --check: says whether the module in the tree is what the sources give.
import { readFileSync, writeFileSync } from 'node:fs';
import asc from 'assemblyscript/asc';

const OUT = 'nodes/wasm/gen/kernels.ts';
const FLAGS = [
  '-O3',
  '--noAssert',
  '--converge',
  '--runtime=stub',
  '--importMemory',
  '--sharedMemory',
  '--initialMemory=1',
  '--maximumMemory=65536',
  '--enable=simd',
  '--enable=threads',
  '--enable=bulk-memory',
];

const files = new Map();
const { error, stderr } = await asc.main(
  ['nodes/wasm/assembly/index.ts', '--outFile', 'kernels.wasm', ...FLAGS],
  {
    writeFile: (name, contents) => files.set(name, contents),
  },
);
if (error) {
  console.error(stderr.toString());
  process.exit(1);
}
const text = Buffer.from(files.get('kernels.wasm')).toString('base64');
const lines = text.match(/.{1,100}/g).map((line) => `  '${line}',`);
const source = `// Made by nodes/wasm/generate.mjs from nodes/wasm/assembly; don't edit.\nexport const KERNELS_BASE64: string = [\n${lines.join('\n')}\n].join('');\n`;
if (process.argv.includes('--check')) {
  if (readFileSync(OUT, 'utf8') !== source) {
    console.error(`${OUT} is not what nodes/wasm/assembly gives; run npm run generate`);
    process.exit(1);
  }
} else {
  writeFileSync(OUT, source);
}
