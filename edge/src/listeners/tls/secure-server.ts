import type { IncomingMessage, RequestListener, ServerOptions, ServerResponse } from 'node:http';
import { createServer as createHttp2Server } from 'node:http2';
import { createServer, type Server } from 'node:https';
import type { TLSSocket } from 'node:tls';
import type { TlsConfig } from '../../config/access-config.js';
import type { LimitsConfig } from '../../config/edge-config.js';
import type { RefusalReason } from '../../refusals/refusals.js';
import type { SlowReaders } from '../slow-readers.js';
import type { Certificates } from './certificates.js';
import { PlainHttp2Request, PlainHttp2Response } from './http2-messages.js';

export interface SecureServerComponents {
  readonly certificates: Certificates;
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
  /** Lets HTTP/2 requests under way end and takes no more; `now` ends them. */
  closeSessions(now: boolean): void;
}

/** As much of an HTTP/2 session as its end needs. */
interface Session {
  close(): void;
  destroy(): void;
}

/** Frames and streams that a client may get wrong before its connection is closed. */
const MAX_INVALID = 100;

/**
 * One listener for both protocols. What the handshake settled (ALPN) decides which of them reads a connection, so that
 * HTTP/1.1 has exactly the server that it has without HTTP/2.
 */
export function createSecureServer(
  { certificates, handle, slowReaders, onRefused }: SecureServerComponents,
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
  if (tls.http2) {
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
        slowReaders.watch(response.stream);
        // Node's compatibility API is made for this: the same handlers, with what differs bridged in `http2-messages`.
        handle(request as unknown as IncomingMessage, response as unknown as ServerResponse<IncomingMessage>);
      },
    );
    http2.setTimeout(limits.stalledMs);
    http2.on('session', (session) => {
      sessions.add(session);
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
    closeSessions: (now) => {
      for (const session of sessions) {
        if (now) session.destroy();
        else session.close();
      }
    },
  };
}
