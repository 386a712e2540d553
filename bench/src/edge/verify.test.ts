import { createServer, type Server } from 'node:http';
import { afterEach, expect, it } from 'vitest';
import { type OriginObject, playlist } from '../origin/content.js';
import type { RunningServer } from '../servers/server.js';
import { fillAndVerify } from './verify.js';

const object = playlist();
const open: Server[] = [];
afterEach(async () => {
  for (const server of open.splice(0))
    await new Promise((resolve) => server.close(resolve).closeAllConnections());
});

async function serverThat(answer: { body?: Buffer; type?: string; hit?: boolean }): Promise<RunningServer> {
  const server = createServer((_, response) => {
    response.setHeader('content-type', answer.type ?? object.contentType);
    response.end(answer.body ?? object.body);
  });
  open.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : undefined;
  const saysHit = (): boolean => answer.hit ?? true;
  return {
    url: `http://127.0.0.1:${port}`,
    port: port ?? 0,
    pid: 0,
    log: () => '',
    saysHit,
    stop: async () => {},
  };
}

const verify = (
  server: RunningServer,
  originRequests = (): number => 1,
  objects: OriginObject[] = [object],
) => fillAndVerify({ name: 'peer', server, originRequests }, objects);

it('accepts the same bytes from a hit', async () => {
  await verify(await serverThat({}));
});

it.each([
  ['other bytes', { body: Buffer.from(object.body).fill(0x20, 500, 501) }],
  ['fewer bytes', { body: object.body.subarray(1) }],
  ['another type', { type: 'text/plain' }],
])('refuses %s', async (_, answer) => {
  await expect(verify(await serverThat(answer))).rejects.toMatchObject({ code: 'wrong-answer' });
});

it('refuses an answer that the server does not call a hit', async () => {
  await expect(verify(await serverThat({ hit: false }))).rejects.toMatchObject({ code: 'not-a-hit' });
});

it('refuses a so-called hit that asked the origin', async () => {
  let requests = 0;
  const server = await serverThat({});
  await expect(verify(server, () => requests++)).rejects.toMatchObject({ code: 'not-a-hit' });
});
