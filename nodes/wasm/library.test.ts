import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { kernelOf } from '../../graph/kernel/check.js';
import { models } from '../../graph/models/index.js';
import { compileKernel } from './compile.js';
import { LIBRARY_BASE64 } from './gen/library.js';
import { LIBRARY_HASHES } from './gen/library-hashes.js';
import { fromLibrary, usualKernels } from './library.js';
import { compilerHash, kernelHash } from './library-hash.js';

const compiler = compilerHash((path) => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8'));

describe('kernels compiled ahead', () => {
  it('are those that the compiler makes now, for every model (else: npm run generate)', () => {
    const usual = usualKernels();
    const keys = usual.map(({ key }) => key).sort();
    expect(Object.keys(LIBRARY_BASE64).sort()).toEqual(keys);
    expect(Object.keys(LIBRARY_HASHES).sort()).toEqual(keys);
    expect(new Set(usual.map(({ model }) => model.name))).toEqual(new Set(models.keys()));
    for (const { key, model, shape } of usual) {
      const kernel = kernelOf(model);
      const code = fromLibrary(key) as Uint8Array;
      // The same model, compiler and code as when it was made; whatever differs, or is made in no time, is compiled again.
      const known = kernelHash(compiler, kernel, shape, code) === LIBRARY_HASHES[key];
      if (!known || model.name.startsWith('nir_') || model.name === 'iaf_psc_delta') {
        expect(code, key).toEqual(compileKernel(kernel, shape));
      }
    }
  });

  it('are told by their hash from those of another model, shape, compiler or code', () => {
    const [{ key, model, shape }] = usualKernels().filter((usual) => usual.model.name === 'iaf_psc_delta');
    const kernel = kernelOf(model);
    const code = fromLibrary(key) as Uint8Array;
    const other = Uint8Array.from(code, (byte, i) => (i === code.length - 1 ? byte ^ 1 : byte));
    const statements = kernelOf({ ...model, update: model.update.replace('V_th', 'V_reset') }).statements;
    expect(statements).not.toEqual(kernel.statements);
    const hashes = [
      kernelHash(compiler, kernel, shape, code),
      kernelHash('', kernel, shape, code),
      kernelHash(compiler, { ...kernel, statements }, shape, code),
      kernelHash(compiler, kernel, { ...shape, hasCurrent: !shape.hasCurrent }, code),
      kernelHash(compiler, kernel, shape, other),
    ];
    expect(new Set(hashes).size).toBe(hashes.length);
  });

  it('are not there for other shapes', () => {
    expect(fromLibrary('iaf_psc_delta tau_m')).toBeUndefined();
  });
});
