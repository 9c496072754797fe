// Two projects: unit tests beside their sources, which need nothing but Node, and the tests on real parts, one file at a time.
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    projects: [
      // They share no state but what they import: a worker that is kept for the next file takes half the time.
      { test: { name: 'unit', include: ['orchestrator/src/**/*.test.ts'], isolate: false } },
      {
        test: {
          name: 'real', include: ['orchestrator/test/**/*.test.ts'], fileParallelism: false, testTimeout: 300_000, hookTimeout: 1_800_000,
          globalSetup: ['orchestrator/test/set-up.ts'],
        },
      },
    ],
  },
});
