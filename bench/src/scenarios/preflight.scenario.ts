import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Cleanup } from '../process/cleanup.js';
import { launchChromium } from '../system/chromium.js';
import { EDGE_BIN, mustRun } from '../system/command-line.js';
import { type EdgeProcess, startEdgeProcess } from '../system/edge-process.js';

const SEGMENTS = 5;

const cleanup = new Cleanup();
let browser: Browser;
let edge: EdgeProcess;
let page: Page;
let accessFile: string;
let token: string;
/** Lines of the access log that earlier tests have looked at. */
let seen = 0;

beforeAll(async () => {
  const folder = await mkdtemp(join(tmpdir(), 'eddy-preflight-'));
  cleanup.add(() => rm(folder, { recursive: true, force: true }));
  const media = join(folder, 'media');
  await mkdir(join(media, 'vod'), { recursive: true });
  for (let index = 0; index < SEGMENTS; index++) {
    await writeFile(join(media, 'vod', `${index}.m4s`), Buffer.alloc(1000, index));
  }
  const keysFile = join(folder, 'key.json');
  const k = Buffer.alloc(32, 7).toString('base64url');
  await writeFile(keysFile, JSON.stringify({ kty: 'oct', k }));
  accessFile = join(folder, 'access.log');
  const config = join(folder, 'edge.json');
  await writeFile(config, JSON.stringify({ access: { keysFile }, accessLog: { file: accessFile } }));
  edge = await startEdgeProcess({ origin: pathToFileURL(media).href, args: ['--config', config] });
  cleanup.add(edge.stop);
  const minted = await mustRun(process.execPath, [EDGE_BIN, 'token', '--key', keysFile, '--prefix', '/vod/']);
  token = minted.trim();

  // The player's page is of another origin: the same host, but another port.
  const site = createServer((_request, response) => {
    response.setHeader('Content-Type', 'text/html');
    response.end('<!doctype html><title>A player</title>');
  });
  await new Promise<void>((resolve) => site.listen(0, '127.0.0.1', resolve));
  cleanup.add(async () => {
    site.closeAllConnections();
    site.close();
  });
  const address = site.address();
  if (address === null || typeof address === 'string') throw new Error('a TCP server has no port');
  browser = await launchChromium();
  cleanup.add(() => browser.close());
  page = await browser.newPage();
  await page.goto(`http://127.0.0.1:${address.port}/`);
});
afterAll(() => cleanup.run());

interface Way {
  readonly what: string;
  readonly prefix: (token: string) => string;
  readonly query?: (token: string) => string;
  readonly headers: (token: string) => Record<string, string>;
  readonly preflights: number;
}

const WAYS: readonly Way[] = [
  {
    what: 'a token in the path and a range',
    prefix: (jwt) => `/~${jwt}`,
    headers: () => ({ Range: 'bytes=0-99' }),
    preflights: 0,
  },
  {
    what: 'a token in the query and a range',
    prefix: () => '',
    query: (jwt) => `?token=${jwt}`,
    headers: () => ({ Range: 'bytes=100-199' }),
    preflights: 0,
  },
  // What the other ways cost, so that it is known that this test would see it.
  {
    what: 'a token in a header',
    prefix: () => '',
    headers: (jwt) => ({ Authorization: `Bearer ${jwt}` }),
    preflights: SEGMENTS,
  },
  {
    what: 'a suffix range',
    prefix: (jwt) => `/~${jwt}`,
    headers: () => ({ Range: 'bytes=-100' }),
    preflights: SEGMENTS,
  },
];

it.each(WAYS)('a page of another origin: $what costs $preflights preflights for 5 segments', async (way) => {
  const urls = Array.from(
    { length: SEGMENTS },
    (_, index) => `${edge.url}${way.prefix(token)}/vod/${index}.m4s${way.query?.(token) ?? ''}`,
  );
  const answers = await page.evaluate(
    async ({ urls: all, headers }) => {
      const statuses: number[] = [];
      for (const url of all) {
        const response = await fetch(url, { headers });
        await response.arrayBuffer();
        // Readable across origins only where it is exposed.
        if (response.headers.get('Cache-Status') === null) throw new Error('Cache-Status is hidden');
        statuses.push(response.status);
      }
      return statuses;
    },
    { urls, headers: way.headers(token) },
  );
  expect(answers.every((status) => status === 200 || status === 206)).toBe(true);

  const methods = async (): Promise<string[]> => {
    const lines = (await readFile(accessFile, 'utf8')).trim().split('\n').slice(seen);
    return lines.filter((line) => line !== '').map((line) => JSON.parse(line).method);
  };
  const gets = async (): Promise<number> => (await methods()).filter((method) => method === 'GET').length;
  await expect.poll(gets, { timeout: 10_000 }).toBe(SEGMENTS);
  const found = await methods();
  seen += found.length;
  expect(found.filter((method) => method === 'OPTIONS')).toHaveLength(way.preflights);
});
