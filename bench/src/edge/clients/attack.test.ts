import { createServer, type Server } from 'node:http';
import { afterEach, expect, it } from 'vitest';
import { attack } from './attack.js';
import { HOSTILE_SHAPES } from './hostile-requests.js';

const servers: Server[] = [];
afterEach(async () => {
  for (const server of servers.splice(0))
    await new Promise((resolve) => server.close(resolve).closeAllConnections());
});

it('sees what a careless server lets through', async () => {
  const server = createServer((request, response) => {
    const body = request.url?.includes('..') ? 'LEAK' : 'fine';
    response.writeHead(200, { 'content-length': body.length }).end(body);
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const seen = await attack({
    port: typeof address === 'object' && address !== null ? address.port : 0,
    from: 0,
    count: HOSTILE_SHAPES,
    atOnce: 16,
    target: { prefix: '', path: '/film/0.m4s', forbidden: '/secret/0', refusedTargets: [] },
    secrets: ['LEAK'],
    maxBytes: 10_000,
    slowSockets: 2,
  });
  expect(seen.notConnected).toBe(0);
  expect(seen.passed).toHaveProperty('dots');
  expect(seen.passed).toHaveProperty('purge from outside');
  // Node itself refuses these.
  expect(seen.passed).not.toHaveProperty('two lengths');
  expect(seen.passed).not.toHaveProperty('noise');
});
