import { Readable } from 'node:stream';
import { type Dispatcher, errors } from 'undici';
import type { Timers } from '../components.js';
import { BodyQueue } from './body-queue.js';
import { byName, endToEnd } from './header-fields.js';
import type { HeaderFields, UpstreamRequest, UpstreamResponse } from './upstream.js';
import { messageOf, UpstreamError } from './upstream-error.js';

export interface ExchangeComponents {
  /** For one origin. */
  readonly dispatcher: Dispatcher;
  readonly timers: Timers;
}

export interface ExchangeRequest extends Pick<UpstreamRequest, 'body' | 'onInfo'> {
  /** Sent as it is: nothing tidies it. */
  readonly path: string;
  readonly method: string;
  readonly fields: HeaderFields;
}

/** One HTTP request and its response, through undici's dispatcher: header fields stay as they came. */
export function exchange(
  { dispatcher, timers }: ExchangeComponents,
  { path, method, fields, body, onInfo }: ExchangeRequest,
  signal: AbortSignal,
): Promise<UpstreamResponse> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) {
      reject(signal.reason);
      return;
    }
    let queue: BodyQueue | undefined;
    let controller: Dispatcher.DispatchController | undefined;
    const onAbort = (): void => {
      reject(signal.reason);
      queue?.cancel(signal.reason);
      controller?.abort(asError(signal.reason));
    };
    signal.addEventListener('abort', onAbort, { once: true });
    const settled = (): void => signal.removeEventListener('abort', onAbort);
    const sent = body === undefined ? null : Readable.from(body, { objectMode: false });

    dispatcher.dispatch(
      { path, method, headers: [...fields], body: sent },
      {
        onRequestStart(started) {
          controller = started;
          // It was given up while it waited for a connection.
          if (signal.aborted) started.abort(asError(signal.reason));
        },
        onResponseStart(answered, status) {
          const raw = decode(answered.rawHeaders);
          if (status < 200) {
            onInfo?.(status, endToEnd(raw));
            return;
          }
          const headers = byName(raw);
          queue = new BodyQueue(
            { source: answered, timers },
            { totalBytes: lengthOf(headers['content-length']) },
          );
          const kept = endToEnd(raw);
          const bodyless = method === 'HEAD' || status === 204 || status === 304;
          resolve({
            status,
            fields: kept,
            headers: byName(kept),
            endIsKnown:
              bodyless ||
              headers['content-length'] !== undefined ||
              headers['transfer-encoding'] !== undefined,
            body: queue,
          });
        },
        onResponseData(_answered, chunk) {
          queue?.push(chunk);
        },
        onResponseEnd() {
          settled();
          queue?.end();
        },
        onResponseError(_answered, error) {
          settled();
          sent?.destroy();
          if (queue === undefined) reject(translate(error));
          else queue.fail(new UpstreamError('origin-cut', messageOf(error), { cause: error }));
        },
      },
    );
  });
}

/** Bytes as latin1, the one encoding in which any byte comes back as it was. */
function decode(raw: Dispatcher.DispatchController['rawHeaders']): HeaderFields {
  if (!Array.isArray(raw)) return [];
  return raw.map((part) => (typeof part === 'string' ? part : part.toString('latin1')));
}

function lengthOf(text: string | undefined): number | undefined {
  return text !== undefined && /^\d{1,15}$/.test(text) ? Number(text) : undefined;
}

function asError(reason: unknown): Error {
  return reason instanceof Error ? reason : new Error(String(reason));
}

/** System calls that fail before anything is sent. */
const NO_CONNECTION: ReadonlySet<string> = new Set([
  'EAI_AGAIN',
  'ECONNREFUSED',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
]);

function translate(error: Error): UpstreamError {
  const detail = messageOf(error);
  if (error instanceof UpstreamError) return error;
  if (error instanceof errors.ConnectTimeoutError) {
    return new UpstreamError('origin-connect-timeout', detail, { cause: error, unsent: true });
  }
  if (error instanceof errors.HTTPParserError || error instanceof errors.HeadersOverflowError) {
    return new UpstreamError('origin-bad-response', detail, { cause: error });
  }
  // Not the origin's fault, so it must not count against it.
  if (error instanceof errors.InvalidArgumentError || error instanceof errors.NotSupportedError) {
    return new UpstreamError('origin-refused', `not a request that can be sent: ${detail}`, { cause: error });
  }
  const unsent = 'code' in error && typeof error.code === 'string' && NO_CONNECTION.has(error.code);
  return new UpstreamError('origin-unreachable', detail, { cause: error, unsent });
}
