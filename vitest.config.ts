import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['{pipeline,simulator,scenarios,load,containers,reports,cli,test}/**/*.test.ts'],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // Real processes and files: two workers suit the two cores the project promises to run on.
    maxWorkers: 2,
  },
});
