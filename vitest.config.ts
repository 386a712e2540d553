import { defineConfig } from 'vitest/config';

// Workspaces are tested from source: the condition is the one named in each package.json's exports.
const conditions = ['eddy-source', 'node', 'import', 'default'];

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
          include: [
            '{edge,origin,player-sdk,bench,deploy}/{src,protocol/src,demo/src}/**/*.test.ts',
            'deploy/dev/**/*.test.mjs',
          ],
        },
      },
      {
        extends: true,
        test: {
          name: 'scenario',
          include: ['bench/src/scenarios/**/*.scenario.ts'],
          testTimeout: 180_000,
          hookTimeout: 180_000,
          fileParallelism: false,
        },
      },
    ],
  },
});
