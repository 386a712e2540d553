import { type IncomingMessage, type Server, ServerResponse, STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import { SWARM_PATH, splitTokenPath } from '@eddy/protocol';

/** Whether the request is for the swarm's WebSocket, with or without a token before its path. */
export function isSwarmUpgrade(request: IncomingMessage): boolean {
  const [path = ''] = (request.url ?? '').split('?', 1);
  return splitTokenPath(path).path === SWARM_PATH && request.headers.upgrade?.toLowerCase() === 'websocket';
}

/** Refuses an upgrade in plain HTTP and closes the connection. */
export function refuseUpgrade(
  socket: Duplex,
  status: number,
  reason: string,
  headers: Readonly<Record<string, string>> = {},
): void {
  const body = `${reason}\n`;
  const lines = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}`,
    'Connection: close',
    'Content-Type: text/plain; charset=utf-8',
    `Content-Length: ${Buffer.byteLength(body)}`,
    ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
  ];
  socket.on('error', () => socket.destroy());
  // Nobody reads this socket any more, so the other side's end would never be seen.
  socket.once('finish', () => socket.destroy());
  socket.end(`${lines.join('\r\n')}\r\n\r\n${body}`);
}

/**
 * Some clients offer to switch to another protocol (`Upgrade: h2c`) with any plain GET. A server may ignore the
 * offer (RFC 9110 section 7.8), but Node hands every one of them to whoever listens for upgrades: so it is given
 * back as the request it is, on a connection that closes after it.
 */
export function answerWithoutUpgrade(server: Server, request: IncomingMessage, socket: Duplex): void {
  const { method, headers } = request;
  const bodiless = headers['transfer-encoding'] === undefined && Number(headers['content-length'] ?? 0) === 0;
  // The body of an upgrade request was never parsed, so only requests without one can be answered.
  if ((method !== 'GET' && method !== 'HEAD') || !bodiless || socket !== request.socket) {
    refuseUpgrade(socket, 400, `The only upgrade offered here is a WebSocket at ${SWARM_PATH}.`);
    return;
  }
  const { socket: connection } = request;
  const response = new ServerResponse(request);
  response.shouldKeepAlive = false;
  response.assignSocket(connection);
  // Node has let go of the connection: what it would pass on, and notice, is done here.
  connection.on('drain', () => response.emit('drain'));
  connection.on('error', () => connection.destroy());
  connection.resume();
  response.on('finish', () => {
    response.detachSocket(connection);
    connection.destroySoon();
  });
  server.emit('request', request, response);
}
