import { once } from 'node:events';
import { createServer } from 'node:net';

/** A port of loopback that nobody has just now, for what has to know its address before it listens. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('not listening on a port');
  await new Promise((resolve) => server.close(resolve));
  return address.port;
}
