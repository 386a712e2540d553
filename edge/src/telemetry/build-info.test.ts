import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { Registry } from 'prom-client';
import { afterEach, expect, it } from 'vitest';
import { Cleanup, temporaryFolder } from '../testing/edge-fixture.js';
import { readBuildInfo, registerBuildInfo } from './build-info.js';

const cleanup = new Cleanup();
afterEach(() => cleanup.run());

it('takes the version of a release before that of the package', async () => {
  const folder = await temporaryFolder(cleanup);
  const read = (): string => readBuildInfo(pathToFileURL(`${folder}/`)).version;
  expect(read()).toBe('unknown');
  await writeFile(join(folder, 'package.json'), '{"version": "0.1.0"}');
  expect(read()).toBe('0.1.0');
  await writeFile(join(folder, 'release.json'), '{"version": "3f2a91c"}');
  expect(read()).toBe('3f2a91c');
});

it('is the package itself where nothing else is said', () => {
  expect(readBuildInfo()).toEqual({ version: '0.1.0', node: process.version });
});

it('shows as a metric', async () => {
  const registry = new Registry();
  registerBuildInfo(registry, { version: '3f2a91c', node: 'v20.20.2' });
  expect(await registry.metrics()).toContain('eddy_build_info{version="3f2a91c",node="v20.20.2"} 1');
});
