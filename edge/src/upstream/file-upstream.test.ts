import { execFileSync } from 'node:child_process';
import { appendFile, mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { Cleanup, temporaryFolder } from '../testing/edge-fixture.js';
import { describeUpstream } from '../testing/upstream-contract.js';
import { createFileUpstream } from './file-upstream.js';

describeUpstream('file://', async (cleanup) => {
  const root = await temporaryFolder(cleanup);
  return {
    upstream: createFileUpstream({ root }),
    unreachable: async () => createFileUpstream({ root: join(root, 'unmounted') }),
    async put(path, body) {
      await mkdir(dirname(join(root, path)), { recursive: true });
      await writeFile(join(root, path), body);
    },
    isReadOnly: true,
    keeps: [],
  };
});

describe('a folder', () => {
  const cleanup = new Cleanup();
  afterEach(() => cleanup.run());

  it('does not hand out a file that is written to while it is read', async () => {
    const root = await temporaryFolder(cleanup);
    await writeFile(join(root, 'a.m4s'), Buffer.alloc(1_000_000));
    const upstream = createFileUpstream({ root });
    const { body } = await upstream.fetch({ path: '/a.m4s', query: '' }, new AbortController().signal);
    const reading = (async () => {
      let first = true;
      for await (const piece of body) {
        if (first) await appendFile(join(root, 'a.m4s'), piece);
        first = false;
      }
    })();
    await expect(reading).rejects.toMatchObject({ code: 'origin-changed' });
  });

  it('does not wait for a pipe', async () => {
    const root = await temporaryFolder(cleanup);
    execFileSync('/usr/bin/mkfifo', [join(root, 'pipe.m4s')]);
    const upstream = createFileUpstream({ root });
    const response = await upstream.fetch({ path: '/pipe.m4s', query: '' }, new AbortController().signal);
    expect(response.status).toBe(404);
  });
});
