import { defineConfig } from 'vitest/config';

/** `npm run test:full`: what takes minutes. */
// biome-ignore lint/style/noDefaultExport: this is where Vitest looks.
export default defineConfig({
  test: {
    include: ['test/determinism/full.ts'],
    testTimeout: 1_800_000,
    hookTimeout: 120_000,
    pool: 'forks',
    maxWorkers: 1,
  },
});
