import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { build } from './build.mjs';
import { ROOT } from './paths.mjs';
import { script, step } from './step.mjs';

/** Writes anew what of the documents is made from code. */
await script(async () => {
  await build({ workspaces: ['player-sdk/protocol', 'edge'] });
  const { referencePage } = await import('@eddy/edge/config-reference');
  await step('Writing docs/operators/configuration.md', () =>
    writeFile(join(ROOT, 'docs', 'operators', 'configuration.md'), referencePage()),
  );
});
