import { createServer, type RequestListener, type Server, type ServerOptions } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Clock, Timers } from '../components.js';
import type { TlsConfig } from '../config/access-config.js';
import { formatAddress, type ListenAddress } from '../config/address.js';
import type { LimitsConfig } from '../config/edge-config.js';
import type { RefusalReason } from '../refusals/refusals.js';
import type { ConnectionGuard } from './connection-guard.js';
import { ListenError } from './listen-error.js';
import type { SlowReaders } from './slow-readers.js';
import type { Certificates } from './tls/certificates.js';
import { createSecureServer, type SecureServer } from './tls/secure-server.js';

export interface ListenerOptions {
  readonly name: 'public' | 'tls' | 'admin' | 'insight';
  readonly address: ListenAddress;
  readonly limits: LimitsConfig;
  /** Of a socket that listens at `address` already. */
  readonly fd?: number | undefined;
}

export interface ListenerComponents {
  readonly handle: RequestListener;
  readonly timers: Timers;
  /** Of a listener that strangers reach. */
  readonly strangers?: {
    readonly guard: ConnectionGuard;
    readonly slowReaders: SlowReaders;
    /** Monotonic. */
    readonly clock: Clock;
    readonly onRefused: (reason: RefusalReason) => void;
    /** Before anybody stands before the server's handling of connections. */
    readonly onServer?: (server: Server) => void;
  };
  /** Encrypts. */
  readonly tls?: { readonly certificates: Certificates; readonly config: TlsConfig };
  /** Made for each request instead of Node's own. */
  readonly responseClass?: ServerOptions['ServerResponse'];
}

/** Where it really listens. */
export interface BoundAddress {
  readonly host: string;
  readonly port: number;
  /** `http://HOST:PORT` or `https://…`, reachable from this machine. */
  readonly url: string;
}

export interface Listener {
  readonly server: Server;
  readonly bound: BoundAddress;
  /** Connections that were closed at once because there were too many. */
  readonly dropped: number;
  /** While it drains, each connection ends after the response that it is given next; new ones are taken as ever. */
  drain(draining: boolean): void;
  /** Closes connections that nobody uses now. */
  closeIdle(): void;
  /**
   * Takes no more connections, lets responses under way end, closes all others. What is not over at the deadline
   * is cut; so is everything when called again with 0.
   */
  stop(deadlineMs: number): Promise<void>;
}

const IDLE_SWEEP_MS = 50;

/** @throws ListenError where the address cannot be had. */
export async function openListener(
  components: ListenerComponents,
  { name, address, limits, fd }: ListenerOptions,
): Promise<Listener> {
  const { handle, timers, strangers, tls } = components;
  let stopping: Promise<void> | undefined;
  let draining = false;
  let dropped = 0;
  const onRequest: RequestListener = (request, response) => {
    if (draining || stopping !== undefined) response.shouldKeepAlive = false;
    handle(request, response);
  };
  const { server, ...sessions } = createServerOf(components, limits, onRequest);
  server.maxConnections = limits.connections;
  server.timeout = limits.stalledMs;
  server.on('drop', () => {
    dropped++;
  });
  if (strangers !== undefined) {
    strangers.onServer?.(server);
    strangers.guard.protect(server);
    server.on(tls === undefined ? 'connection' : 'secureConnection', (socket) =>
      strangers.slowReaders.watch(socket),
    );
  }
  const bound = await listen(server, { name, address, fd }, tls === undefined ? 'http' : 'https');
  const stop = (deadlineMs: number): Promise<void> => {
    sessions.closeSessions(deadlineMs <= 0);
    if (deadlineMs <= 0) server.closeAllConnections();
    stopping ??= close(server, sessions.closeSessions, timers, deadlineMs);
    return stopping;
  };
  return {
    server,
    bound,
    drain(leaving) {
      draining = leaving;
      sessions.drain(leaving);
    },
    closeIdle() {
      server.closeIdleConnections();
      sessions.closeSessions(false);
    },
    stop,
    get dropped() {
      return dropped;
    },
  };
}

type Sessions = Omit<SecureServer, 'server'>;

/** Of HTTP/1.1. */
const NO_SESSIONS: Sessions = { drain: () => {}, closeSessions: () => {} };

function createServerOf(
  { strangers, timers, tls, responseClass }: ListenerComponents,
  limits: LimitsConfig,
  handle: RequestListener,
): Sessions & { readonly server: Server } {
  const options: ServerOptions = {
    maxHeaderSize: limits.headerBytes,
    headersTimeout: limits.headersMs,
    requestTimeout: limits.requestMs,
    keepAliveTimeout: limits.keepAliveMs,
    connectionsCheckingInterval: Math.min(1000, limits.headersMs),
    noDelay: true,
    ...(responseClass === undefined ? {} : { ServerResponse: responseClass }),
  };
  if (tls === undefined || strangers === undefined) {
    return { server: createServer(options, handle), ...NO_SESSIONS };
  }
  return createSecureServer(
    { ...strangers, timers, certificates: tls.certificates, handle },
    { http1: options, tls: tls.config, limits },
  );
}

function listen(
  server: Server,
  { name, address, fd }: Pick<ListenerOptions, 'name' | 'address' | 'fd'>,
  scheme: string,
): Promise<BoundAddress> {
  const { host, port } = address;
  return new Promise((resolve, reject) => {
    server.once('error', (error) => reject(new ListenError(name, address, error)));
    server.listen(fd === undefined ? { host, port, backlog: 4096 } : { fd }, () => {
      server.removeAllListeners('error');
      resolve(boundAddress(server.address(), scheme));
    });
  });
}

function boundAddress(address: AddressInfo | string | null, scheme: string): BoundAddress {
  if (address === null || typeof address === 'string') throw new TypeError('not a TCP listener');
  const { address: host, port } = address;
  const everywhere = host === '0.0.0.0' || host === '::';
  return { host, port, url: `${scheme}://${formatAddress({ host: everywhere ? '127.0.0.1' : host, port })}` };
}

/** A connection is idle between two requests; Node closes those that are idle now, not those that become so. */
async function close(
  server: Server,
  closeSessions: (now: boolean) => void,
  timers: Timers,
  deadlineMs: number,
): Promise<void> {
  const closed = new Promise<void>((resolve) => {
    server.close(() => resolve());
  });
  const cancelDeadline = timers.after(deadlineMs, () => {
    closeSessions(true);
    server.closeAllConnections();
  });
  let cancelSweep = (): void => {};
  const sweep = (): void => {
    server.closeIdleConnections();
    cancelSweep = timers.after(IDLE_SWEEP_MS, sweep);
  };
  sweep();
  await closed;
  cancelDeadline();
  cancelSweep();
}
