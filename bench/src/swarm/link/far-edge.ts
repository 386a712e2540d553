import { Agent, createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import { connect, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Egress } from './egress.js';

/** What a viewer asked the edge for, as the network saw it. Times in ms since the turn began. */
export interface EdgeRequest {
  readonly path: string;
  /** The `Range` field, where there was one. */
  readonly range: string | undefined;
  readonly at: number;
  status: number;
  /** Body bytes that were sent. */
  bytes: number;
  /** When the last of them was sent; undefined while it goes on. */
  endedAt: number | undefined;
  /** The viewer gave up before the end. */
  cut: boolean;
}

export interface FarEdgeOptions {
  /** Where it can be reached; default 127.0.0.1. */
  readonly address?: string;
  readonly edgePort: number;
  /** Where `/tracker` leads. */
  readonly trackerPort: number;
  /** Half of the round trip. */
  readonly oneWayMs: number;
  readonly egress: Egress;
  /** Time since the turn began, in ms. */
  readonly now: () => number;
}

/** One viewer's way to the edge. */
export interface FarEdge {
  /** Without a slash at the end. */
  readonly url: string;
  readonly requests: readonly EdgeRequest[];
  /** Bytes that came down over WebSockets. */
  readonly socketBytes: () => number;
  readonly stop: () => Promise<void>;
}

/** The same for all viewers, since the edge names rooms by it. */
const HOST = 'swarm.example';
const CONNECTIONS = 64;

/**
 * A proxy that is as far from the edge as a viewer is: connecting costs a round trip, requests and answers travel half
 * of one each, and bodies go out by way of `egress`. What was sent is counted here, whatever the page says.
 */
export async function startFarEdge(options: FarEdgeOptions): Promise<FarEdge> {
  const { address = '127.0.0.1', oneWayMs, now } = options;
  const agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS });
  const sockets = new Set<Duplex>();
  const fresh = new WeakSet<Duplex>();
  const requests: EdgeRequest[] = [];
  let socketBytes = 0;

  const server = createServer({ keepAliveTimeout: 60_000 }, (incoming, response) => {
    // A connection's first request also waits for its handshake.
    const connectMs = fresh.delete(incoming.socket) ? 2 * oneWayMs : 0;
    const seen: EdgeRequest = {
      path: incoming.url ?? '/',
      range: incoming.headers.range,
      at: now(),
      status: 0,
      bytes: 0,
      endedAt: undefined,
      cut: false,
    };
    requests.push(seen);
    setTimeout(() => pass(incoming, response, seen), oneWayMs + connectMs);
  });
  server.on('connection', (socket: Socket) => {
    socket.setNoDelay(true);
    fresh.add(socket);
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  server.on('upgrade', (incoming, socket: Duplex, head: Buffer) => {
    setTimeout(() => join(incoming, socket, head), 3 * oneWayMs);
  });

  function pass(incoming: IncomingMessage, response: ServerResponse, seen: EdgeRequest): void {
    const { method, url, headers } = incoming;
    const upstream = request({
      ...{ host: '127.0.0.1', port: options.edgePort, method, path: url, agent },
      headers: { ...headers, host: HOST },
    });
    const flow = options.egress.open((piece) => {
      seen.bytes += piece.length;
      setTimeout(() => response.write(piece), oneWayMs);
    });
    response.once('close', () => {
      if (seen.endedAt === undefined) {
        seen.cut = true;
        seen.endedAt = now();
        flow.cut();
      }
      upstream.destroy();
    });
    upstream.once('error', () => response.destroy());
    upstream.once('response', (answer) => {
      seen.status = answer.statusCode ?? 0;
      setTimeout(() => response.writeHead(seen.status, answer.rawHeaders), oneWayMs);
      void carry(answer, flow.send).then(
        () => {
          seen.endedAt ??= now();
          setTimeout(() => response.end(), oneWayMs);
        },
        () => response.destroy(),
      );
    });
    incoming.pipe(upstream);
  }

  async function carry(answer: IncomingMessage, send: (bytes: Buffer) => Promise<void>): Promise<void> {
    for await (const bytes of answer) await send(bytes);
  }

  function join(incoming: IncomingMessage, socket: Duplex, head: Buffer): void {
    const port = incoming.url?.startsWith('/tracker') ? options.trackerPort : options.edgePort;
    const upstream = connect({ host: '127.0.0.1', port });
    upstream.setNoDelay(true);
    sockets.add(upstream);
    const fields = incoming.rawHeaders.map((text, index, all) =>
      index % 2 === 1 && all[index - 1]?.toLowerCase() === 'host' ? HOST : text,
    );
    const lines = [`${incoming.method} ${incoming.url} HTTP/1.1`];
    for (let index = 0; index < fields.length; index += 2)
      lines.push(`${fields[index]}: ${fields[index + 1]}`);
    upstream.write(`${lines.join('\r\n')}\r\n\r\n`);
    upstream.write(head);
    socket.on('data', (bytes) => setTimeout(() => upstream.write(bytes), oneWayMs));
    upstream.on('data', (bytes: Buffer) => {
      socketBytes += bytes.length;
      setTimeout(() => socket.write(bytes), oneWayMs);
    });
    const end = (): void => {
      socket.destroy();
      upstream.destroy();
      sockets.delete(upstream);
    };
    for (const one of [socket, upstream]) one.once('error', end).once('close', end);
  }

  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, address, resolve);
  });
  const bound = server.address();
  if (bound === null || typeof bound === 'string') throw new Error('a TCP server has no port');
  return {
    url: `http://${address}:${bound.port}`,
    requests,
    socketBytes: () => socketBytes,
    stop: async () => {
      for (const socket of sockets) socket.destroy();
      agent.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
