import { describe, expect, it } from 'vitest';
import { kernelOf } from '../../graph/kernel/check.js';
import { models } from '../../graph/models/index.js';
import { compileKernel } from './compile.js';
import { LIBRARY_BASE64 } from './gen/library.js';
import { fromLibrary, usualKernels } from './library.js';

describe('kernels compiled ahead', () => {
  it('are those that the compiler makes now, for every model (else: npm run generate)', () => {
    const usual = usualKernels();
    expect(Object.keys(LIBRARY_BASE64).sort()).toEqual(usual.map(({ key }) => key).sort());
    expect(new Set(usual.map(({ model }) => model.name))).toEqual(new Set(models.keys()));
    for (const { key, model, shape } of usual) {
      expect(fromLibrary(key), key).toEqual(compileKernel(kernelOf(model), shape));
    }
  });

  it('are not there for other shapes', () => {
    expect(fromLibrary('iaf_psc_delta tau_m')).toBeUndefined();
  });
});
