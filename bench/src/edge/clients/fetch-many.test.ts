import { createServer, type Server } from 'node:http';
import { afterEach, expect, it } from 'vitest';
import { stampedContent } from '../../origin/stamped-content.js';
import { fetchMany } from './fetch-many.js';

const servers: Server[] = [];
afterEach(async () => {
  for (const server of servers.splice(0))
    await new Promise((resolve) => server.close(resolve).closeAllConnections());
});

async function plan(answer: (path: string, server: Server) => { body: Buffer; status?: number } | undefined) {
  const server: Server = createServer((request, response) => {
    const found = answer(request.url ?? '', server);
    if (found === undefined) return void response.destroy();
    response.writeHead(found.status ?? 200, { 'content-length': found.body.length }).end(found.body);
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  return {
    port: typeof address === 'object' && address !== null ? address.port : 0,
    prefix: '/w/',
    indices: [...Array(40).keys()],
    bytes: 9000,
    connections: 4,
    perSecond: 2000,
    tellEvery: 10,
  };
}

it('fetches each once and tells how far it is', async () => {
  const told: unknown[] = [];
  const seen = await fetchMany(await plan((path) => ({ body: stampedContent(path, 9000) })), (message) =>
    told.push(message),
  );
  expect(seen.whole.map(([index]) => index).sort((a, b) => a - b)).toEqual([...Array(40).keys()]);
  expect(seen).toMatchObject({ wrong: 0, failed: 0 });
  expect(told).toEqual([10, 20, 30, 40].map((whole) => ({ whole })));
});

it('tells wrong bytes from refusals', async () => {
  const seen = await fetchMany(
    await plan((path) => {
      if (path === '/w/7.m4s') return { body: stampedContent('/w/8.m4s', 9000) };
      if (path === '/w/9.m4s') return { body: Buffer.from('busy'), status: 503 };
      return { body: stampedContent(path, 9000) };
    }),
    () => {},
  );
  expect(seen).toMatchObject({ wrong: 1, firstWrong: '/w/7.m4s', failed: 1 });
  expect(seen.whole).toHaveLength(38);
});

it('ends when the server is gone', async () => {
  const seen = await fetchMany(
    await plan((path, server) => {
      if (path === '/w/20.m4s') {
        server.closeAllConnections();
        return undefined;
      }
      return { body: stampedContent(path, 9000) };
    }),
    () => {},
  );
  expect(seen.whole.length).toBeLessThan(21);
  expect(seen.wrong).toBe(0);
  expect(seen.failed).toBeGreaterThan(0);
});
