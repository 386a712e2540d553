import { once } from 'node:events';
import { type AddressInfo, connect, createServer, Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { Cleanup } from '../testing/edge-fixture.js';
import { readStatically } from './static-read.js';

const cleanup = new Cleanup();
afterEach(() => cleanup.run());

/** Both ends of a connection; the first is the server's. */
async function pair(): Promise<readonly [Socket, Socket]> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const client = connect((server.address() as AddressInfo).port, '127.0.0.1');
  const [accepted]: unknown[] = await once(server, 'connection');
  server.close();
  if (!(accepted instanceof Socket)) throw new TypeError('no socket');
  cleanup.add(async () => {
    client.destroy();
    accepted.destroy();
  });
  return [accepted, client];
}

const nextRead = (socket: Socket): Promise<{ text: string; memory: ArrayBufferLike }> =>
  new Promise((resolve) => {
    const done = readStatically(socket, (chunk) => {
      resolve({ text: chunk.toString(), memory: chunk.buffer });
      return true;
    });
    expect(done).toBe(true);
    socket.resume();
  });

describe('reading statically', () => {
  it('brings what several sockets read in one buffer', async () => {
    const memories = new Set<ArrayBufferLike>();
    for (const text of ['one', 'two']) {
      const [socket, client] = await pair();
      const read = nextRead(socket);
      client.write(text);
      const { memory, ...rest } = await read;
      expect(rest).toEqual({ text });
      memories.add(memory);
    }
    expect(memories.size).toBe(1);
  });

  it('leaves to the stream what is pushed: order, pauses and end are as ever', async () => {
    const [socket, client] = await pair();
    expect(readStatically(socket, (chunk) => socket.push(Buffer.from(chunk)))).toBe(true);
    const sent = Array.from({ length: 400 }, (_, index) => String(index % 10).repeat(10_007)).join('');
    client.end(sent);
    let received = '';
    for await (const piece of socket) received += String(piece);
    expect(received === sent).toBe(true);
  });

  it.each([
    ['is encrypted', (socket: Socket) => Object.defineProperty(socket, 'encrypted', { value: true })],
    ['has no handle', (socket: Socket) => Reflect.set(socket, '_handle', undefined)],
    ['has a handle that cannot', (socket: Socket) => Reflect.set(socket, '_handle', {})],
    [
      'reads so already',
      (socket: Socket) => {
        readStatically(socket, () => true);
      },
    ],
  ])('is left alone on a socket that %s', async (_what, change) => {
    const [socket] = await pair();
    const handle: unknown = Reflect.get(socket, '_handle');
    change(socket);
    expect(readStatically(socket, () => true)).toBe(false);
    // So that it can be closed.
    Reflect.set(socket, '_handle', handle);
  });
});
