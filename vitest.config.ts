import { defineConfig } from 'vitest/config';

const folders = '{pipeline,simulator,scenarios,load,containers,reports,bench,cli,test}';

export default defineConfig({
  test: {
    // Real processes and files: two workers suit the two cores the project promises to run on.
    maxWorkers: 2,
    projects: [
      {
        test: {
          name: 'unit',
          include: [`${folders}/**/*.test.ts`],
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      {
        test: {
          name: 'scenarios',
          include: ['scenarios/correctness/**/*.scenario.ts'],
          testTimeout: 300_000,
          hookTimeout: 60_000,
          // Each starts a pipeline of its own: one after the other, when everything else is done.
          fileParallelism: false,
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
});
