import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

/** Live checks against other simulators, which they install outside the tree: `npm run test:peers`. */
// biome-ignore lint/style/noDefaultExport: Vitest reads its configuration from the default export.
export default defineConfig({
  root: fileURLToPath(new URL('../..', import.meta.url)),
  test: {
    include: ['test/peers/**/*.test.ts'],
    testTimeout: 600_000,
    hookTimeout: 900_000,
    pool: 'forks',
    maxWorkers: 1,
  },
});
