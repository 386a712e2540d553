import type { IncomingMessage, RequestListener, ServerOptions, ServerResponse } from 'node:http';
import { constants, createServer as createHttp2Server, type Http2Session } from 'node:http2';
import { createServer, type Server } from 'node:https';
import type { TLSSocket } from 'node:tls';
import type { Clock, Timers } from '../../components.js';
import type { TlsConfig } from '../../config/access-config.js';
import type { LimitsConfig } from '../../config/edge-config.js';
import { formatRefusedStatus } from '../../http/cache-status.js';
import { REFUSALS, type RefusalReason } from '../../refusals/refusals.js';
import { TokenBucket } from '../../swarm/sockets/token-bucket.js';
import type { SlowReaders } from '../slow-readers.js';
import type { Certificates } from './certificates.js';
import { PlainHttp2Request, PlainHttp2Response } from './http2-messages.js';

export interface SecureServerComponents {
  readonly certificates: Certificates;
  /** Monotonic. */
  readonly clock: Clock;
  readonly timers: Timers;
  readonly handle: RequestListener;
  readonly slowReaders: SlowReaders;
  readonly onRefused: (reason: RefusalReason) => void;
}

export interface SecureServerOptions {
  /** As for plain HTTP/1.1. */
  readonly http1: ServerOptions;
  readonly tls: TlsConfig;
  readonly limits: LimitsConfig;
}

export interface SecureServer {
  /** Everything of it is HTTP/1.1 as ever, but for connections that agreed on HTTP/2. */
  readonly server: Server;
  /** While it drains, each HTTP/2 connection is told with its next request to ask elsewhere after it. */
  drain(draining: boolean): void;
  /** Lets HTTP/2 requests under way end and takes no more; `now` ends them. */
  closeSessions(now: boolean): void;
}

/** As much of an HTTP/2 session as its end needs. */
interface Session {
  goaway(code: number, lastStream: number): void;
  close(): void;
  destroy(): void;
}

/** A player that seeks and switches cancels a few requests a second. */
const RESETS = { capacity: 500, perSecond: 50 };
/** Frames and streams that a client may get wrong before its connection is closed. */
const MAX_INVALID = 100;
/** RFC 9113 section 6.8: first a notice that refuses nothing, then, a round trip later at the earliest, the end. */
const LAST_STREAM = 2 ** 31 - 1;
const NOTICE_MS = 1_000;

/**
 * One listener for both protocols. What the handshake settled (ALPN) decides which of them reads a connection, so that
 * HTTP/1.1 has exactly the server that it has without HTTP/2.
 */
export function createSecureServer(
  { certificates, clock, timers, handle, slowReaders, onRefused }: SecureServerComponents,
  { http1, tls, limits }: SecureServerOptions,
): SecureServer {
  const server = createServer(
    {
      ...http1,
      ...certificates.first,
      ALPNProtocols: tls.http2 ? ['h2', 'http/1.1'] : ['http/1.1'],
      SNICallback: (name, done) => done(null, certificates.forName(name)),
    },
    handle,
  );
  certificates.onChange = () => server.setSecureContext(certificates.first);
  const sessions = new Set<Session>();
  const told = new WeakSet<Session>();
  let draining = false;
  const sendAway = (session: Session): void => {
    if (told.has(session)) return;
    told.add(session);
    session.goaway(constants.NGHTTP2_NO_ERROR, LAST_STREAM);
    timers.after(NOTICE_MS, () => session.close());
  };
  if (tls.http2) {
    const resets = new WeakMap<object, TokenBucket>();
    // Rapid reset (CVE-2023-44487): each cancelled request has cost its work already.
    const noteReset = (session: Http2Session | undefined): void => {
      if (session === undefined || session.destroyed || resets.get(session)?.take(1, clock.now()) !== false)
        return;
      onRefused('http2-flood');
      session.destroy(undefined, constants.NGHTTP2_ENHANCE_YOUR_CALM);
    };
    const http2 = createHttp2Server(
      {
        settings: {
          maxConcurrentStreams: limits.http2Streams,
          maxHeaderListSize: limits.headerBytes,
          enablePush: false,
        },
        maxSessionInvalidFrames: MAX_INVALID,
        maxSessionRejectedStreams: MAX_INVALID,
        Http2ServerRequest: PlainHttp2Request,
        Http2ServerResponse: PlainHttp2Response,
      },
      (request, response) => {
        const { stream } = response;
        if (headerBytes(request.rawHeaders) > limits.headerBytes) {
          onRefused('headers-too-large');
          const { status } = REFUSALS['headers-too-large'];
          response.writeHead(status, ['Cache-Status', formatRefusedStatus('headers-too-large')]);
          response.end();
          return;
        }
        slowReaders.watch(stream);
        // A stream that is over does not know its session any more.
        const { session } = stream;
        if (draining && session !== undefined) sendAway(session);
        stream.once('close', () => {
          if (stream.rstCode !== 0) noteReset(session);
        });
        // Node's compatibility API is made for this: the same handlers, with what differs bridged in `http2-messages`.
        handle(request as unknown as IncomingMessage, response as unknown as ServerResponse<IncomingMessage>);
      },
    );
    http2.setTimeout(limits.stalledMs);
    http2.on('session', (session) => {
      sessions.add(session);
      resets.set(session, new TokenBucket(RESETS, clock.now()));
      session.once('close', () => sessions.delete(session));
      session.on('error', (error: NodeJS.ErrnoException) => {
        if (error.code !== 'ECONNRESET') onRefused('http2-flood');
      });
    });
    http2.on('sessionError', () => {});
    const ordinary = server.listeners('secureConnection');
    server.removeAllListeners('secureConnection');
    server.on('secureConnection', (socket: TLSSocket) => {
      if (socket.alpnProtocol === 'h2') http2.emit('connection', socket);
      else for (const listener of ordinary) Reflect.apply(listener, server, [socket]);
    });
  }
  server.on('tlsClientError', (_error, socket) => socket.destroy());
  return {
    server,
    drain: (leaving) => {
      draining = leaving;
    },
    closeSessions: (now) => {
      for (const session of sessions) {
        if (now) session.destroy();
        else session.close();
      }
    },
  };
}

/** As HTTP/2 counts them (RFC 9113 section 6.5.2); Node announces the limit and leaves it at that. */
function headerBytes(rawHeaders: readonly string[]): number {
  return rawHeaders.reduce((sum, text) => sum + text.length + 16, 0);
}
