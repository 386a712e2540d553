import { readFile, rename, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { systemTimers } from '../components.js';
import type { AccessLogConfig } from '../config/access-config.js';
import { ask, Cleanup, temporaryFolder } from '../testing/edge-fixture.js';
import { type AccessLog, type Asker, openAccessLog } from './access-log.js';
import { CountedResponse } from './observed-response.js';

const cleanup = new Cleanup();
afterEach(() => cleanup.run());

const ASKER: Asker = { site: 'tv', address: '203.0.113.9', session: 's1' };

interface Served {
  readonly url: string;
  readonly log: AccessLog;
  readonly file: string;
}

async function serve(
  options: Partial<AccessLogConfig>,
  handle: (request: IncomingMessage, response: ServerResponse) => void,
  random: () => number = () => 0.5,
): Promise<Served> {
  const file = join(await temporaryFolder(cleanup), 'logs', 'access.log');
  const log = await openAccessLog(
    { clock: { now: () => 0 }, timers: systemTimers, random, onError: () => {} },
    { file, sample: 1, addresses: 'short', ...options },
  );
  const server = createServer({ ServerResponse: CountedResponse }, (request, response) => {
    log.watch(request, response, ASKER);
    handle(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  cleanup.add(async () => server.close());
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, log, file };
}

const linesOf = async (file: string): Promise<Record<string, unknown>[]> =>
  (await readFile(file, 'utf8'))
    .trim()
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line));

describe('the access log', () => {
  it('has one line for each request, without query', async () => {
    const { url, log, file } = await serve({}, (request, response) => {
      const status = request.url?.startsWith('/hit') ? 'eddy; hit; ttl=3' : 'eddy; fwd=uri-miss; stored';
      response.writeHead(200, ['Content-Type', 'text/plain', 'Cache-Status', status]);
      response.write('ab');
      response.end(Buffer.from('cd'));
    });
    await ask(url, '/hit/a.m4s?token=secret');
    await ask(url, '/miss', { method: 'HEAD' });
    await log.close();
    const lines = await linesOf(file);
    expect(lines).toMatchObject([
      {
        ...{ site: 'tv', method: 'GET', path: '/hit/a.m4s', status: 200, bytes: 4, ms: 0, cache: 'hit' },
        ...{ address: '203.0.113.0', session: 's1', protocol: 'HTTP/1.1', time: expect.any(String) },
      },
      { method: 'HEAD', cache: 'uri-miss' },
    ]);
    expect(JSON.stringify(lines)).not.toContain('secret');
    expect(lines[0]).not.toHaveProperty('cut');
  });

  it('tells of responses that were cut', async () => {
    const { url, log, file } = await serve({ addresses: 'none' }, (_request, response) => {
      response.writeHead(200, { 'Content-Length': 10 });
      response.write('ab', () => response.destroy());
    });
    await ask(url, '/a');
    await log.close();
    const [line] = await linesOf(file);
    expect(line).toMatchObject({ status: 200, bytes: 2, cut: true });
    expect(line).not.toHaveProperty('address');
  });

  it('samples', async () => {
    let next = 0;
    const serveAll = serve(
      { sample: 0.1, addresses: 'full' },
      (_request, response) => response.end(),
      () => (next++ % 10) / 10,
    );
    const { url, log, file } = await serveAll;
    for (let count = 0; count < 20; count++) await ask(url, `/${count}`);
    await log.close();
    expect((await linesOf(file)).map(({ path }) => path)).toEqual(['/0', '/10']);
  });

  it('goes on in a new file when the old one was moved away', async () => {
    const { url, log, file } = await serve({}, (_request, response) => response.end());
    await ask(url, '/before');
    await expect.poll(() => linesOf(file), { timeout: 5000 }).toHaveLength(1);
    await rename(file, `${file}.1`);
    log.reopen();
    await expect.poll(() => linesOf(file).catch(() => undefined), { timeout: 5000 }).toEqual([]);
    await ask(url, '/after');
    await log.close();
    expect((await linesOf(file)).map(({ path }) => path)).toEqual(['/after']);
    expect((await linesOf(`${file}.1`)).map(({ path }) => path)).toEqual(['/before']);
  });

  it('says so when its file cannot be written', async () => {
    const components = { clock: { now: () => 0 }, timers: systemTimers, random: () => 0, onError: () => {} };
    vi.useFakeTimers({ toFake: ['setInterval', 'setTimeout'] });
    cleanup.add(async () => {
      vi.useRealTimers();
    });
    const notAFolder = join(await temporaryFolder(cleanup), 'file');
    await writeFile(notAFolder, '');
    const config = { file: join(notAFolder, 'access.log'), sample: 1, addresses: 'none' } as const;
    await expect(openAccessLog(components, config)).rejects.toThrow(/accessLog\.file/);
    // Nothing is left that would write to a file which was never opened.
    expect(vi.getTimerCount()).toBe(0);
  });
});
