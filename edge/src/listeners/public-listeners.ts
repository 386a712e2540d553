import type { RequestListener, Server } from 'node:http';
import type { AddressRanges } from '../access/address.js';
import type { Clock, Timers } from '../components.js';
import type { ListenAddress } from '../config/address.js';
import type { EdgeConfig } from '../config/edge-config.js';
import type { RefusalReason } from '../refusals/refusals.js';
import { CountedResponse } from '../telemetry/observed-response.js';
import type { LoadedCertificate } from '../telemetry/reload-metrics.js';
import { answerClientErrors } from './client-errors.js';
import { ConnectionGuard } from './connection-guard.js';
import { type Listener, openListener } from './listener.js';
import { SlowReaders } from './slow-readers.js';
import { Certificates, newTicketKeys, type TicketKeys } from './tls/certificates.js';

export interface PublicListenersComponents {
  readonly handle: RequestListener;
  readonly timers: Timers;
  /** Monotonic. */
  readonly clock: Clock;
  readonly trusted: AddressRanges;
  readonly onRefused: (reason: RefusalReason) => void;
  /** Each server before it listens. */
  readonly onServer?: (server: Server) => void;
  /** Certificates could not be read again; the old ones stay. */
  readonly onCertificateError: (error: unknown) => void;
  /** Of TLS sessions; the same for all processes that answer for one address. Default: new ones. */
  readonly ticketKeys?: TicketKeys;
}

/** Where strangers come in: plain, and encrypted where the settings say so. Limits by address count over both. */
export interface PublicListeners {
  readonly plain: Listener;
  readonly tls: Listener | undefined;
  /** For whoever takes upgrades. */
  readonly servers: readonly Server[];
  readonly dropped: number;
  /** In use now; none without TLS. */
  readonly certificates: readonly LoadedCertificate[];
  connections(): Promise<number>;
  /** Looks at the certificates now. Does not throw. */
  reload(): Promise<void>;
  /** Connections end after their next response. */
  drain(draining: boolean): void;
  closeIdle(): void;
  stop(deadlineMs: number): Promise<void>;
}

/** @throws ListenError or ConfigError; nothing is left open then. */
export async function openPublicListeners(
  components: PublicListenersComponents,
  config: Pick<EdgeConfig, 'limits' | 'proxies' | 'tls' | 'accessLog'> & {
    readonly address: ListenAddress;
    /** Of a socket that listens at `address` already. */
    readonly fd?: number | undefined;
  },
): Promise<PublicListeners> {
  const { handle, timers, clock, trusted, onRefused, onServer } = components;
  const { limits, proxies, tls: tlsConfig, address, fd } = config;
  const guard = new ConnectionGuard({ timers, trusted, onRefused }, { ...proxies, ...limits });
  const slowReaders = new SlowReaders(
    { timers, clock, onCut: () => onRefused('slow-reader') },
    { bytesPerSecond: limits.readBytesPerSecond, windowMs: limits.slowReaderMs },
  );
  const shared = {
    ...{
      handle,
      timers,
      strangers: { guard, slowReaders, clock, onRefused, ...(onServer === undefined ? {} : { onServer }) },
    },
    ...(config.accessLog === undefined ? {} : { responseClass: CountedResponse }),
  };
  const certificates =
    tlsConfig === undefined
      ? undefined
      : new Certificates(
          { timers, onError: components.onCertificateError },
          tlsConfig,
          components.ticketKeys ?? newTicketKeys(),
        );
  await certificates?.open();
  const opened: Listener[] = [];
  try {
    const plain = await openListener(shared, { name: 'public', address, limits, fd });
    opened.push(plain);
    let tls: Listener | undefined;
    if (tlsConfig !== undefined && certificates !== undefined) {
      tls = await openListener(
        { ...shared, tls: { certificates, config: tlsConfig } },
        { name: 'tls', address: tlsConfig.listen, limits },
      );
      opened.push(tls);
    }
    for (const { server } of opened) answerClientErrors(server, onRefused);
    return {
      plain,
      tls,
      servers: opened.map(({ server }) => server),
      get certificates() {
        return certificates?.loaded ?? [];
      },
      get dropped() {
        return opened.reduce((sum, { dropped }) => sum + dropped, 0);
      },
      connections: async () => {
        const counts = await Promise.all(opened.map(connectionsOf));
        return counts.reduce((sum, count) => sum + count, 0);
      },
      reload: async () => certificates?.reload(),
      drain: (draining) => {
        for (const listener of opened) listener.drain(draining);
      },
      closeIdle: () => {
        for (const listener of opened) listener.closeIdle();
      },
      stop: async (deadlineMs) => {
        certificates?.close();
        await Promise.all(opened.map((listener) => listener.stop(deadlineMs)));
      },
    };
  } catch (error) {
    certificates?.close();
    await Promise.all(opened.map((listener) => listener.stop(0)));
    throw error;
  }
}

function connectionsOf({ server }: Listener): Promise<number> {
  return new Promise((resolve) => {
    server.getConnections((error, count) => resolve(error === null ? count : 0));
  });
}
