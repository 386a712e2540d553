import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Timers } from '../components.js';
import { formatAddress, type ListenAddress } from '../config/address.js';
import type { LimitsConfig } from '../config/edge-config.js';
import { ListenError } from './listen-error.js';

export interface ListenerOptions {
  readonly name: 'public' | 'admin' | 'insight';
  readonly address: ListenAddress;
  readonly limits: LimitsConfig;
  /** Of a socket that listens at `address` already. */
  readonly fd?: number | undefined;
}

/** Where it really listens. */
export interface BoundAddress {
  readonly host: string;
  readonly port: number;
  /** `http://HOST:PORT`, reachable from this machine. */
  readonly url: string;
}

export interface Listener {
  readonly server: Server;
  readonly bound: BoundAddress;
  /** Connections that were closed at once because there were too many. */
  readonly dropped: number;
  /**
   * Takes no more connections, lets responses under way end, closes all others. What is not over at the deadline
   * is cut; so is everything when called again with 0.
   */
  stop(deadlineMs: number): Promise<void>;
}

const IDLE_SWEEP_MS = 50;

/** @throws ListenError where the address cannot be had. */
export async function openListener(
  { handle, timers }: { readonly handle: RequestListener; readonly timers: Timers },
  { name, address, limits, fd }: ListenerOptions,
): Promise<Listener> {
  let stopping: Promise<void> | undefined;
  let dropped = 0;
  const server = createServer(
    {
      maxHeaderSize: limits.headerBytes,
      headersTimeout: limits.headersMs,
      requestTimeout: limits.requestMs,
      keepAliveTimeout: limits.keepAliveMs,
      connectionsCheckingInterval: Math.min(1000, limits.headersMs),
      noDelay: true,
    },
    (request, response) => {
      if (stopping !== undefined) response.shouldKeepAlive = false;
      handle(request, response);
    },
  );
  server.maxConnections = limits.connections;
  server.timeout = limits.stalledMs;
  server.on('drop', () => {
    dropped++;
  });
  const bound = await listen(server, name, address, fd);
  const stop = (deadlineMs: number): Promise<void> => {
    if (deadlineMs <= 0) server.closeAllConnections();
    stopping ??= close(server, timers, deadlineMs);
    return stopping;
  };
  return {
    server,
    bound,
    stop,
    get dropped() {
      return dropped;
    },
  };
}

function listen(
  server: Server,
  name: ListenerOptions['name'],
  address: ListenAddress,
  fd: number | undefined,
): Promise<BoundAddress> {
  return new Promise((resolve, reject) => {
    server.once('error', (error) => reject(new ListenError(name, address, error)));
    server.listen(
      fd === undefined ? { host: address.host, port: address.port, backlog: 4096 } : { fd },
      () => {
        server.removeAllListeners('error');
        resolve(boundAddress(server.address()));
      },
    );
  });
}

function boundAddress(address: AddressInfo | string | null): BoundAddress {
  if (address === null || typeof address === 'string') throw new TypeError('not a TCP listener');
  const { address: host, port } = address;
  const everywhere = host === '0.0.0.0' || host === '::';
  return { host, port, url: `http://${formatAddress({ host: everywhere ? '127.0.0.1' : host, port })}` };
}

/** A connection is idle between two requests; Node closes those that are idle now, not those that become so. */
async function close(server: Server, timers: Timers, deadlineMs: number): Promise<void> {
  const closed = new Promise<void>((resolve) => {
    server.close(() => resolve());
  });
  const cancelDeadline = timers.after(deadlineMs, () => server.closeAllConnections());
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
