import { mkdir, rename, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { Cleanup, startHttpOrigin, temporaryFolder } from '../../testing/edge-fixture.js';
import { keysFromFile, keysFromUrl } from './read-keys.js';

const cleanup = new Cleanup();
afterEach(() => cleanup.run());

describe('keys in a file', () => {
  it('are read when it is another one, also where a mount swaps links', async () => {
    const folder = await temporaryFolder(cleanup);
    for (const version of ['one', 'two']) {
      await mkdir(join(folder, version));
      await writeFile(join(folder, version, 'keys'), version);
    }
    await symlink('one', join(folder, 'current'));
    const read = keysFromFile(join(folder, 'current', 'keys'));
    expect(await read()).toBe('one');
    expect(await read()).toBeUndefined();
    await symlink('two', join(folder, 'next'));
    await rename(join(folder, 'next'), join(folder, 'current'));
    expect(await read()).toBe('two');
    await expect(keysFromFile(join(folder, 'none'))()).rejects.toThrow('ENOENT');
  });

  it('are not read where it is too large', async () => {
    const file = join(await temporaryFolder(cleanup), 'keys');
    await writeFile(file, 'x'.repeat(300_000));
    await expect(keysFromFile(file)()).rejects.toThrow(/bytes/);
  });
});

describe('keys at a URL', () => {
  it('are its whole answer, and nothing but a 200 of moderate size', async () => {
    const url = await startHttpOrigin(cleanup, (request, response) => {
      if (request.url === '/keys') response.end('{"keys":[]}');
      else if (request.url === '/large') response.end('x'.repeat(300_000));
      else response.writeHead(302, { location: '/keys' }).end('{"keys":[]}');
    });
    expect(await keysFromUrl(`${url}/keys`)()).toBe('{"keys":[]}');
    await expect(keysFromUrl(`${url}/large`)()).rejects.toThrow(/bytes/);
    await expect(keysFromUrl(`${url}/moved`)()).rejects.toThrow(/302/);
  });
});
