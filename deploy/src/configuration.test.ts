import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { referencePage } from '@eddy/edge/config-reference';
import { expect, it } from 'vitest';
import { REPOSITORY } from './paths.js';

it('docs/operators/configuration.md is what the schema says: run npm run docs where it is not', async () => {
  const page = await readFile(join(REPOSITORY, 'docs', 'operators', 'configuration.md'), 'utf8');
  expect(page).toBe(referencePage());
});
