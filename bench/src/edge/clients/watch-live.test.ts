import { createServer, type Server } from 'node:http';
import { afterEach, expect, it } from 'vitest';
import { type LiveShape, liveAnswer } from '../../origin/live-window.js';
import { stampedContent } from '../../origin/stamped-content.js';
import { watchLive } from './watch-live.js';

const servers: Server[] = [];
afterEach(async () => {
  for (const server of servers.splice(0))
    await new Promise((resolve) => server.close(resolve).closeAllConnections());
});

const shape: LiveShape = {
  startMs: Date.now() - 10_000,
  channels: 2,
  segmentMs: 400,
  segmentBytes: 9000,
  window: 5,
};

async function liveServer(
  change: (path: string, count: number) => 'as it is' | 'silent' | Buffer = () => 'as it is',
): Promise<number> {
  let count = 0;
  const server = createServer((request, response) => {
    const path = request.url ?? '';
    const changed = change(path, count++);
    if (changed === 'silent') return;
    const body = changed === 'as it is' ? liveAnswer(shape, path, Date.now())?.body : changed;
    response.writeHead(body === undefined ? 404 : 200, { 'content-length': body?.length ?? 0 }).end(body);
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}

const plan = {
  shape,
  viewers: 20,
  periodMs: 400,
  seconds: 0.8,
  slowReaders: 0,
  slowPath: '/none',
  drainMs: 200,
};

it('polls, fetches what the playlist names, and finds nothing wrong', async () => {
  const seen = await watchLive({ ...plan, port: await liveServer() });
  expect(seen.failed).toBe(0);
  // 20 at once, then three periods of 20 playlists and 20 segments.
  expect(seen.requests).toBe(20 + 3 * 40);
  expect(seen.segments.p99Ms).toBeGreaterThan(0);
});

it('counts wrong bytes, old playlists and silence', async () => {
  const old = Buffer.from('#EXTM3U\n#EXTINF:1,\n3.m4s\n');
  const seen = await watchLive({
    ...plan,
    port: await liveServer((path, count) => {
      if (count === 30) return old;
      if (path.endsWith('.m4s') && count >= 50 && count < 54) return stampedContent('/else', 9000);
      return count === 70 ? 'silent' : 'as it is';
    }),
  });
  expect(seen.failed).toBeGreaterThanOrEqual(3);
  expect(seen.requests).toBeLessThan(20 + 3 * 40);
});

it('counts every request that is still without an answer', async () => {
  const seen = await watchLive({
    ...plan,
    port: await liveServer((_, count) => (count < 20 ? 'as it is' : 'silent')),
  });
  expect(seen.failed).toBe(3 * 40);
  expect(seen.firstFailure).toMatch(/without an answer/);
});
