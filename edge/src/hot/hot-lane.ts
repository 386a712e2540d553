import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { type Answered, HotConnection, type HotConnectionOptions } from './hot-connection.js';
import { type WholeRequest, WholeRequestReader } from './whole-request.js';

export interface HotLaneComponents {
  /**
   * Answers by one write, or over a time (a promise, which resolves when all of it is with the socket or that is closed,
   * and never rejects), and counts and logs what it answered; or returns false and has done nothing that `node:http`,
   * which then gets the request, would do twice.
   */
  readonly answer: (request: WholeRequest, socket: Socket) => Answered;
  /** A connection stands between two requests, all of them answered (though not yet taken by the client). */
  readonly onBetween?: (socket: Socket) => void;
}

export interface HotLaneOptions extends HotConnectionOptions {
  /** The server's limit on headers. */
  readonly headerBytes: number;
  readonly urlBytes: number;
  /** More fields that may change the answer, lower-case; a request with one is left to `node:http`. */
  readonly decidingFields?: readonly string[];
}

export interface HotLane {
  /** At rest it answers nothing; `node:http` does, and says that connections end. */
  rest(resting: boolean): void;
}

/** A request of a player fits well. Also bounds the lines of a header, of which Node reads 2,000 at most. */
const MAX_REQUEST_BYTES = 4096;

/**
 * Puts a lane before a server's requests: a chunk of a connection that is exactly one plain GET of a hot object is
 * answered by one write, before any parser. All else goes to `node:http` on the same connection, as if there were no
 * lane. The server must not have connections yet. Whoever wraps its handling of connections does so afterwards.
 */
export function addHotLane(
  server: Server,
  { answer: answerHot, onBetween }: HotLaneComponents,
  options: HotLaneOptions,
): HotLane {
  const connections = new Map<Socket, HotConnection>();
  const maxBytes = Math.min(MAX_REQUEST_BYTES, options.headerBytes);
  let atRest = false;

  const answer = (request: WholeRequest, socket: Socket): Answered =>
    !atRest && request.target.length <= options.urlBytes && answerHot(request, socket);
  const adopt = takeOver(server, (socket) => {
    // What the handshake settled (ALPN).
    if ('alpnProtocol' in socket && socket.alpnProtocol === 'h2') {
      adopt(socket);
      return;
    }
    const reader = new WholeRequestReader({ maxBytes, decidingFields: options.decidingFields ?? [] });
    const onSilence = (silent: Socket): void => void server.emit('clientError', requestTimeout(), silent);
    connections.set(
      socket,
      new HotConnection({ socket, reader, answer, adopt, onSilence, onBetween }, options),
    );
    socket.on('close', () => connections.delete(socket));
  });
  server.prependListener('request', (request: IncomingMessage, response: ServerResponse) => {
    connections.get(request.socket)?.track(request, response);
  });

  // Node knows nothing of what the lane is sending, and would cut it.
  server.closeIdleConnections = () => {
    for (const connection of connections.values()) connection.endIfIdle();
  };
  const closeAll = server.closeAllConnections;
  server.closeAllConnections = () => {
    closeAll.call(server);
    for (const connection of connections.values()) connection.destroy();
  };
  return {
    rest(resting) {
      atRest = resting;
    },
  };
}

/** Puts `onSocket` in the place of the server's own listener for new connections, and returns that. */
function takeOver(server: Server, onSocket: (socket: Socket) => void): (socket: Socket) => void {
  // Of a TLS server the plain text.
  const event = server.listenerCount('secureConnection') > 0 ? 'secureConnection' : 'connection';
  // Node adds it in the constructor. Whatever it is, it takes a socket.
  const own = server.listeners(event)[0] as ((socket: Socket) => void) | undefined;
  if (own === undefined) throw new TypeError(`the server does not listen to ${event}`);
  server.off(event, own);
  server.prependListener(event, onSocket);
  return (socket) => own.call(server, socket);
}

/** As Node's own for a header that does not come. */
function requestTimeout(): Error {
  return Object.assign(new Error('Request timeout'), { code: 'ERR_HTTP_REQUEST_TIMEOUT' });
}
