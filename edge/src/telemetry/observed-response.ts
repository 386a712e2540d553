import {
  type IncomingMessage,
  type OutgoingHttpHeader,
  type OutgoingHttpHeaders,
  ServerResponse,
} from 'node:http';

/** What an access log wants to know of a response once it is over. */
export interface ObservedResponse {
  readonly bodyBytes: number;
  /** The first word that tells how it came about: `hit`, `uri-miss`, `stale`, `bypass`. */
  readonly cacheWord: string | undefined;
}

type Callback = (error?: Error | null) => void;

/** Made instead of Node's own where an access log is kept; nobody pays for it otherwise. */
export class CountedResponse<Request extends IncomingMessage = IncomingMessage>
  extends ServerResponse<Request>
  implements ObservedResponse
{
  bodyBytes = 0;
  cacheWord: string | undefined;

  override writeHead(
    statusCode: number,
    statusMessage?: string,
    headers?: OutgoingHttpHeaders | OutgoingHttpHeader[],
  ): this;
  override writeHead(statusCode: number, headers?: OutgoingHttpHeaders | OutgoingHttpHeader[]): this;
  override writeHead(
    statusCode: number,
    message?: string | OutgoingHttpHeaders | OutgoingHttpHeader[],
    headers?: OutgoingHttpHeaders | OutgoingHttpHeader[],
  ): this {
    this.cacheWord = cacheWordOf(typeof message === 'object' ? message : headers);
    if (typeof message === 'string') return super.writeHead(statusCode, message, headers);
    return super.writeHead(statusCode, message ?? headers);
  }

  override write(chunk: unknown, callback?: Callback): boolean;
  override write(chunk: unknown, encoding: BufferEncoding, callback?: Callback): boolean;
  override write(chunk: unknown, encoding?: BufferEncoding | Callback, callback?: Callback): boolean {
    this.bodyBytes += lengthOf(chunk);
    return typeof encoding === 'string'
      ? super.write(chunk, encoding, callback)
      : super.write(chunk, encoding);
  }

  override end(callback?: () => void): this;
  override end(chunk: unknown, callback?: () => void): this;
  override end(chunk: unknown, encoding: BufferEncoding, callback?: () => void): this;
  override end(chunk?: unknown, encoding?: BufferEncoding | (() => void), callback?: () => void): this {
    this.bodyBytes += lengthOf(chunk);
    return typeof encoding === 'string' ? super.end(chunk, encoding, callback) : super.end(chunk, encoding);
  }
}

export function cacheWordOf(
  headers: OutgoingHttpHeaders | readonly OutgoingHttpHeader[] | undefined,
): string | undefined {
  if (headers === undefined) return undefined;
  // Last in the lists that this edge writes.
  const value = isFlat(headers)
    ? headers[headers.lastIndexOf('Cache-Status') + 1]
    : (headers['Cache-Status'] ?? headers['cache-status']);
  if (typeof value !== 'string') return undefined;
  return /; (hit)(?:;|$)/.exec(value)?.[1] ?? /; fwd=([\w-]+)/.exec(value)?.[1];
}

function isFlat(
  headers: OutgoingHttpHeaders | readonly OutgoingHttpHeader[],
): headers is readonly OutgoingHttpHeader[] {
  return Array.isArray(headers);
}

export function lengthOf(chunk: unknown): number {
  if (typeof chunk === 'string') return Buffer.byteLength(chunk);
  return chunk instanceof Uint8Array ? chunk.length : 0;
}
