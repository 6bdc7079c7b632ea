import { defineConfig } from 'vitest/config';

/** Runs that lose processes and go on: minutes of them, in a suite of their own (`npm run test:recovery`). */
export const RECOVERY = ['test/integration/*recovery*.test.ts', 'test/adapters/recovery.test.ts'];

export default defineConfig({
  test: {
    include: ['**/*.test.ts'],
    exclude: ['node_modules', 'dist', 'test/peers/**', 'test/containers/**', 'test/browser/**', ...RECOVERY],
    testTimeout: 60_000,
    pool: 'forks',
    maxWorkers: 2,
  },
});
