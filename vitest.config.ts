import { defineConfig } from 'vitest/config';

const folders = '{pipeline,simulator,scenarios,load,containers,reports,bench,cli,test}';

/** Parts whose tests talk to real servers: run by `npm run test:servers`, since not every machine has these. */
const onServers = [
  'pipeline/{log/kafka,profile/redis,sinks/elasticsearch}/**/*.test.ts',
  'containers/{definitions,engine,images}/**/*.test.ts',
  'scenarios/**/containers.suite.ts',
  // k6 and Chromium are programs that a machine has or not.
  '{load,simulator,containers,scenarios,bench}/**/*.servers.test.ts',
];

export default defineConfig({
  test: {
    // Real processes and files: two workers suit the two cores the project promises to run on.
    maxWorkers: 2,
    globalSetup: 'test/left-out.ts',
    projects: [
      {
        test: {
          name: 'unit',
          include: [`${folders}/**/*.test.ts`],
          exclude: onServers,
          testTimeout: 180_000,
          hookTimeout: 180_000,
        },
      },
      {
        test: {
          name: 'servers',
          include: onServers,
          // JVMs start within; on a busy machine that can take minutes.
          testTimeout: 300_000,
          hookTimeout: 300_000,
          fileParallelism: false,
          sequence: { groupOrder: 2 },
        },
      },
      {
        test: {
          name: 'scenarios',
          include: ['scenarios/**/*.suite.ts'],
          exclude: onServers,
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
