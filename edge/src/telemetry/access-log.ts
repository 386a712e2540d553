import type { IncomingMessage, ServerResponse } from 'node:http';
import { pino } from 'pino';
import { shortAddress } from '../access/address.js';
import type { Visitor } from '../access/gate.js';
import type { Clock, Random, Timers } from '../components.js';
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
  /**
   * A hit that is about to be sent without a response of `node:http`. Its line is written when what is returned is
   * called; undefined: it has none.
   */
  hit(
    visitor: Pick<Visitor, 'site' | 'address' | 'session' | 'target'>,
    bodyBytes: number,
  ): ((error?: Error | null) => void) | undefined;
  /** The file was moved away: goes on in a new one. */
  reopen(): void;
  /** Writes what is left. */
  close(): Promise<void>;
}

export interface AccessLogComponents {
  /** Monotonic. */
  readonly clock: Clock;
  readonly timers: Timers;
  readonly random: Random;
  /** The file cannot be written; requests go on. */
  readonly onError: (error: unknown) => void;
}

interface Line extends Asker {
  readonly method: string | undefined;
  readonly target: string;
  readonly status: number;
  readonly bytes: number | undefined;
  readonly cache: string | undefined;
  readonly finished: boolean;
  readonly protocol: string;
}

/** Lines are written in pieces of this size, or once a second. */
const BUFFER_BYTES = 4096;
const FLUSH_MS = 1000;

/** @throws ConfigError where the file cannot be opened. */
export async function openAccessLog(
  { clock, timers, random, onError }: AccessLogComponents,
  { file, sample, addresses }: AccessLogConfig,
): Promise<AccessLog> {
  const destination = pino.destination({
    dest: file === '-' ? 1 : file,
    sync: false,
    mkdir: true,
    minLength: BUFFER_BYTES,
  });
  await new Promise<void>((resolve, reject) => {
    destination.once('ready', resolve);
    destination.once('error', (error: Error) =>
      reject(new ConfigError([`accessLog.file: ${file} cannot be written: ${error.message}`])),
    );
  });
  destination.removeAllListeners('error');
  destination.on('error', onError);
  // The library's own flushing begins before the file is open, and throws where nobody can catch it.
  let cancelFlush = (): void => {};
  const flushLater = (): void => {
    cancelFlush = timers.after(FLUSH_MS, () => {
      destination.flush();
      flushLater();
    });
  };
  flushLater();
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

  const drawn = (): boolean => sample >= 1 || random() < sample;
  const write = (line: Line, startMs: number): void => {
    const { site, method, target, status, bytes, cache, refused, finished, address, session, protocol } =
      line;
    log.info({
      ...{ site, method, path: target.split('?', 1)[0], status, bytes },
      ms: Math.round((clock.now() - startMs) * 10) / 10,
      ...{ cache, refused },
      // What broke off is no less a request.
      cut: finished ? undefined : true,
      ...{ address: shown(address), session, protocol },
    });
  };

  return {
    watch(request, response, asker) {
      if (!drawn()) return;
      const startMs = clock.now();
      const { method, url = '', httpVersion } = request;
      response.once('close', () => {
        const line = {
          ...{ ...asker, method, target: url, status: response.statusCode, bytes: response.bodyBytes },
          ...{ cache: response.cacheWord, finished: response.writableFinished },
          protocol: `HTTP/${httpVersion}`,
        };
        write(line, startMs);
      });
    },
    hit({ site, address, session, target }, bytes) {
      if (!drawn()) return undefined;
      const startMs = clock.now();
      return (error) => {
        const asker = { site: site.name, address, session };
        const known = { method: 'GET', status: 200, cache: 'hit', protocol: 'HTTP/1.1' };
        write({ ...asker, ...known, target, bytes, finished: error == null }, startMs);
      };
    },
    reopen() {
      if (file !== '-') destination.reopen();
    },
    close: () =>
      new Promise((resolve) => {
        cancelFlush();
        destination.once('close', resolve);
        destination.end();
      }),
  };
}
