import { defineConfig } from 'vitest/config';

// Workspaces are tested from source: the condition is the one named in each package.json's exports.
const conditions = ['eddy-source', 'node', 'import', 'default'];

/** Scenarios in which nobody watches how smoothly a picture arrives: they may run side by side. */
const SERVICES = [
  'bad-input',
  'cold-segment',
  'dashboard',
  'insight-clickhouse',
  'insight-full-disk',
  'meeting-place',
  'nat',
  'preflight',
  'published-package',
  'published-video',
].map((name) => `bench/src/scenarios/${name}.scenario.ts`);

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  test: {
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          // Two busy cores are slow; what hangs still ends.
          testTimeout: 30_000,
          hookTimeout: 60_000,
          // As many as CI has cores; by itself vitest leaves one of them idle.
          maxWorkers: 2,
          // A third of the time went into loading the same modules for each file anew. Tests keep no state in modules.
          isolate: false,
          include: [
            '{edge,origin,player-sdk,bench,deploy}/{src,protocol/src,demo/src,dashboard/src}/**/*.test.ts',
            'deploy/dev/**/*.test.mjs',
          ],
        },
      },
      {
        extends: true,
        test: {
          name: 'scenario',
          include: ['bench/src/scenarios/**/*.scenario.ts'],
          exclude: SERVICES,
          testTimeout: 180_000,
          hookTimeout: 180_000,
          fileParallelism: false,
        },
      },
      {
        extends: true,
        test: {
          name: 'service',
          include: SERVICES,
          testTimeout: 180_000,
          hookTimeout: 180_000,
          maxWorkers: 2,
        },
      },
    ],
  },
});
