import { createServer, type Server } from 'node:http';
import { afterEach, expect, it } from 'vitest';
import { stampedContent } from '../../origin/stamped-content.js';
import { runOpenLoop } from './run-open-loop.js';

const servers: Server[] = [];
afterEach(async () => {
  for (const server of servers.splice(0))
    await new Promise((resolve) => server.close(resolve).closeAllConnections());
});

async function serverThat(
  answer: (count: number) => { body?: Buffer; status?: number; afterMs?: number },
): Promise<number> {
  let count = 0;
  const server = createServer((request, response) => {
    const { body = stampedContent(request.url ?? '', 3000), status = 200, afterMs = 0 } = answer(count++);
    const send = (): void => {
      response.writeHead(status, { 'content-length': body.length }).end(body);
    };
    if (afterMs === 0) send();
    else setTimeout(send, afterMs);
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}

const plan = {
  objects: [
    { path: '/a', bytes: 3000 },
    { path: '/b', bytes: 3000 },
  ],
  perSecond: 200,
  seconds: 0.5,
  warmUpSeconds: 0.1,
  connections: 8,
  verify: true,
};

it('sends what is due and counts what came after the warm-up', async () => {
  const result = await runOpenLoop({ ...plan, port: await serverThat(() => ({})) });
  expect(result).toMatchObject({ requests: 100, sent: 120, failed: 0, bytes: 300_000 });
  expect(result.p50Ms).toBeGreaterThan(0);
});

it('charges a stall to every request that was due meanwhile', async () => {
  // All eight connections hang for 200 ms once: with closed loops only eight of 100 requests would have noticed.
  const port = await serverThat((count) => ({ afterMs: count >= 40 && count < 48 ? 200 : 0 }));
  const result = await runOpenLoop({ ...plan, port });
  expect(result).toMatchObject({ requests: 100, failed: 0 });
  expect(result.maxMs).toBeGreaterThanOrEqual(199);
  // 40 requests fell due during the stall; the later they did, the less they waited: the mean of all is about 40 ms.
  expect(result.p99Ms).toBeGreaterThan(150);
});

it('ends when it is told to, with what it has sent', async () => {
  const told = new AbortController();
  const port = await serverThat((count) => {
    if (count === 50) told.abort();
    return {};
  });
  const result = await runOpenLoop({ ...plan, port, seconds: 600, warmUpSeconds: 0 }, told.signal);
  expect(result.failed).toBe(0);
  expect(result.requests).toBe(result.sent);
  expect(result.sent).toBeGreaterThanOrEqual(51);
  expect(result.sent).toBeLessThan(200);
});

it.each([
  ['another status', { status: 503 }, /status 503/],
  ['other bytes', { body: stampedContent('/else', 3000) }, /other bytes/],
  ['fewer bytes', { body: Buffer.alloc(10) }, /10 (other )?bytes/],
])('counts %s as failed', async (_, odd, reason) => {
  const port = await serverThat((count) => (count === 7 ? odd : {}));
  const result = await runOpenLoop({ ...plan, port });
  expect(result.failed).toBe(1);
  expect(result.firstFailure).toMatch(reason);
});
