import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { afterEach, expect, it } from 'vitest';
import { WholeRequestReader } from '../hot/whole-request.js';
import { Cleanup } from '../testing/edge-fixture.js';
import { FrontConnection } from './front-connection.js';

const cleanup = new Cleanup();
afterEach(() => cleanup.run());

const SECRET = 'a'.repeat(64);
const REQUEST = 'GET /a.bin HTTP/1.1\r\nHost: h\r\n\r\n';
const RESPONSE = 'HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\neddy';

async function listen(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  cleanup.add(async () => server.close());
  return (server.address() as AddressInfo).port;
}

async function accepted(server: Server): Promise<Socket> {
  const [socket] = (await once(server, 'connection')) as [Socket];
  cleanup.add(async () => socket.destroy());
  return socket;
}

interface Front {
  readonly connection: FrontConnection;
  readonly socket: Socket;
  readonly client: Socket;
  /** The next tunnel, once the request has come through it. */
  asked(): Promise<Socket>;
}

/** One client at a front that answers with `answer`. */
async function startFront(answer: (socket: Socket) => boolean): Promise<Front> {
  const owner = createServer({ allowHalfOpen: true });
  const server = createServer({ allowHalfOpen: true });
  const [ownerPort, port] = [await listen(owner), await listen(server)];
  const taken = accepted(server);
  const client = connect(port, '127.0.0.1');
  cleanup.add(async () => client.destroy());
  const socket = await taken;
  const connection = new FrontConnection(
    { socket, reader: new WholeRequestReader({ maxBytes: 4096 }), answer: () => answer(socket) },
    {
      ...{ slot: 1, tunnel: 1, owner: { port: ownerPort, secret: SECRET } },
      ...{ headersMs: 0, keepAliveMs: 0, stalledMs: 0 },
    },
  );
  const asked = async (): Promise<Socket> => {
    const tunnel = await accepted(owner);
    let text = '';
    while (!text.endsWith(REQUEST)) text += String((await once(tunnel, 'data'))[0]);
    return tunnel;
  };
  return { connection, socket, client, asked };
}

/** All that comes until the other side ends. */
async function readAll(client: Socket): Promise<string> {
  let text = '';
  for await (const piece of client) text += String(piece);
  return text;
}

it('ends with its tunnel, though the owner had answered all before the stop and the front brings it later', async () => {
  const { connection, client, asked } = await startFront(() => false);
  const tunnelled = asked();
  client.write(REQUEST);
  const tunnel = await tunnelled;

  connection.answeredAll({ readBytes: tunnel.bytesRead, writtenBytes: RESPONSE.length });
  connection.stop();
  tunnel.end(RESPONSE);
  expect(await readAll(client)).toBe(RESPONSE);
});

it('ends when it is taken back before the stop', async () => {
  const { connection, client, asked } = await startFront(() => false);
  const tunnelled = asked();
  client.write(REQUEST);
  const tunnel = await tunnelled;

  tunnel.write(RESPONSE);
  const [piece] = await once(client, 'data');
  expect(String(piece)).toBe(RESPONSE);
  connection.answeredAll({ readBytes: tunnel.bytesRead, writtenBytes: RESPONSE.length });
  connection.stop();
  expect(await readAll(client)).toBe('');
});

it('lets its own answer go out at a stop, whatever the client asks for meanwhile', async () => {
  const body = Buffer.alloc(20_000_000, 'eddy');
  const { connection, socket, client, asked } = await startFront((to) => {
    to.write(body);
    return true;
  });
  // Nobody should ask: an answer that comes now would cut the one that is under way.
  void asked().then((tunnel) => tunnel.write(RESPONSE));
  client.pause();
  client.write(REQUEST);
  while (socket.writableLength === 0) await new Promise(setImmediate);
  connection.stop();
  client.write(REQUEST);
  while (socket.bytesRead < 2 * REQUEST.length) await new Promise(setImmediate);
  expect((await readAll(client)).length).toBe(body.length);
});
