import { createServer, type Server } from 'node:http';
import { afterEach, expect, it } from 'vitest';
import { startCountingOrigin } from '../../origin/counting-origin.js';
import { stampedContent } from '../../origin/stamped-content.js';
import { followColdObject } from './follow-cold-object.js';

const closes: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closes.splice(0)) await close();
});
const plan = { path: '/cold.m4s', bytes: 50_000, followers: 20, behindMs: 30, timeoutMs: 5_000 };

it('times the first byte from when each one asked, and sees everyone served', async () => {
  const pacing = { pieces: 4, everyMs: 50 };
  const origin = await startCountingOrigin((path) => ({
    contentType: 'video/mp4',
    body: stampedContent(path, 50_000),
    cacheControl: 'max-age=60',
    pacing,
  }));
  closes.push(origin.close);
  const seen = await followColdObject({ ...plan, port: origin.port });
  expect(seen.failed).toBe(0);
  expect(origin.requestsOf('/cold.m4s')).toBe(21);
  // Without a cache between, each follower waits for the first piece of its own answer; its head comes at once.
  expect(seen.firstByteP50Ms).toBeGreaterThanOrEqual(49);
  expect(seen.firstHeadP99Ms).toBeLessThan(seen.firstByteP99Ms);
  expect(seen.totalMs).toBeGreaterThanOrEqual(229);
});

it('counts whoever is cut or gets other bytes', async () => {
  let count = 0;
  const server: Server = createServer((_, response) => {
    count++;
    response.writeHead(200, { 'content-length': 50_000 });
    if (count === 3) response.write('short', () => response.destroy());
    else response.end(stampedContent(count === 5 ? '/else' : '/cold.m4s', 50_000));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closes.push(() => new Promise((resolve) => server.close(resolve)));
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  expect(await followColdObject({ ...plan, port })).toMatchObject({ failed: 2 });
});
