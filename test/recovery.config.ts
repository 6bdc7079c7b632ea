import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';
import { RECOVERY } from '../vitest.config.js';

/** `npm run test:recovery`: runs that lose processes and go on, which takes minutes. */
// biome-ignore lint/style/noDefaultExport: this is where Vitest looks.
export default defineConfig({
  root: fileURLToPath(new URL('..', import.meta.url)),
  test: {
    include: RECOVERY,
    testTimeout: 180_000,
    hookTimeout: 120_000,
    pool: 'forks',
    maxWorkers: 1,
  },
});
