import type { IncomingMessage, ServerResponse } from 'node:http';
import { pino } from 'pino';
import { shortAddress } from '../access/address.js';
import type { Clock, Random } from '../components.js';
import type { AccessLogConfig } from '../config/access-config.js';
import { ConfigError } from '../config/config-error.js';
import type { RefusalReason } from '../refusals/refusals.js';
import type { ObservedResponse } from './observed-response.js';

/** Who asked, as far as it is known when the request is let in or refused. */
export interface Asker {
  readonly site: string | undefined;
  readonly address: string;
  readonly session: string | undefined;
  readonly refused?: RefusalReason | undefined;
}

/** One line for each request that is over; see `AccessLogConfig`. */
export interface AccessLog {
  /** Writes a line when the response is over. The request's `url` has no token any more. */
  watch(request: IncomingMessage, response: ServerResponse & Partial<ObservedResponse>, asker: Asker): void;
  /** The file was moved away: goes on in a new one. */
  reopen(): void;
  /** Writes what is left. */
  close(): Promise<void>;
}

export interface AccessLogComponents {
  /** Monotonic. */
  readonly clock: Clock;
  readonly random: Random;
  /** The file cannot be written; requests go on. */
  readonly onError: (error: unknown) => void;
}

/** Lines are written in pieces of this size, or once a second. */
const BUFFER_BYTES = 4096;
const FLUSH_MS = 1000;

/** @throws ConfigError where the file cannot be opened. */
export async function openAccessLog(
  { clock, random, onError }: AccessLogComponents,
  { file, sample, addresses }: AccessLogConfig,
): Promise<AccessLog> {
  const destination = pino.destination({
    dest: file === '-' ? 1 : file,
    sync: false,
    mkdir: true,
    minLength: BUFFER_BYTES,
    periodicFlush: FLUSH_MS,
  });
  await new Promise<void>((resolve, reject) => {
    destination.once('ready', resolve);
    destination.once('error', (error: Error) =>
      reject(new ConfigError([`accessLog.file: ${file} cannot be written: ${error.message}`])),
    );
  });
  destination.removeAllListeners('error');
  destination.on('error', onError);
  const log = pino(
    {
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: () => ({ log: 'access' }) },
    },
    destination,
  );

  const shown = (address: string): string | undefined => {
    if (addresses === 'none' || address === '') return undefined;
    return addresses === 'full' ? address : shortAddress(address);
  };

  return {
    watch(request, response, { site, address, session, refused }) {
      if (sample < 1 && random() >= sample) return;
      const startMs = clock.now();
      const { method, url = '', httpVersion } = request;
      response.once('close', () => {
        log.info({
          site,
          method,
          path: url.split('?', 1)[0],
          status: response.statusCode,
          bytes: response.bodyBytes,
          ms: Math.round((clock.now() - startMs) * 10) / 10,
          cache: response.cacheWord,
          refused: refused ?? undefined,
          // What broke off is no less a request.
          cut: response.writableFinished ? undefined : true,
          address: shown(address),
          session,
          protocol: `HTTP/${httpVersion}`,
        });
      });
    },
    reopen() {
      if (file !== '-') destination.reopen();
    },
    close: () =>
      new Promise((resolve) => {
        destination.once('close', resolve);
        destination.end();
      }),
  };
}
