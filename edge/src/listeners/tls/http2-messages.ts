import type { OutgoingHttpHeader, OutgoingHttpHeaders } from 'node:http';
import {
  constants,
  Http2ServerRequest,
  Http2ServerResponse,
  type IncomingHttpHeaders,
  type ServerHttp2Stream,
} from 'node:http2';
import type { ReadableOptions } from 'node:stream';
import { cacheWordOf, lengthOf, type ObservedResponse } from '../../telemetry/observed-response.js';

type Callback = (error: Error) => void;

/** Fields that belong to an HTTP/1.1 connection; HTTP/2 forbids them (RFC 9113 section 8.2.2). */
const CONNECTION_FIELDS = new Set([
  'connection',
  'http2-settings',
  'keep-alive',
  'proxy-connection',
  'te',
  'transfer-encoding',
  'upgrade',
]);

/** A request whose raw fields are those that HTTP/1 would have had: `Host`, and no pseudo-fields. */
export class PlainHttp2Request extends Http2ServerRequest {
  constructor(
    stream: ServerHttp2Stream,
    headers: IncomingHttpHeaders,
    options: ReadableOptions,
    rawHeaders: readonly string[],
  ) {
    const fields: string[] = [];
    const authority = headers[':authority'];
    if (authority !== undefined) {
      headers.host = authority;
      fields.push('host', authority);
    }
    for (let index = 0; index < rawHeaders.length; index += 2) {
      const name = rawHeaders[index] ?? '';
      if (name.startsWith(':') || (authority !== undefined && name === 'host')) continue;
      fields.push(name, rawHeaders[index + 1] ?? '');
    }
    super(stream, headers, options, fields);
  }
}

/**
 * A response that takes what HTTP/1 responses are given: flat lists of names and values with repeated names, and
 * fields of the connection, which go no further. A list that comes again, as those of hits do, is read once.
 */
export class PlainHttp2Response extends Http2ServerResponse<PlainHttp2Request> implements ObservedResponse {
  bodyBytes = 0;
  cacheWord: string | undefined;

  override writeHead(statusCode: number, headers?: OutgoingHttpHeaders | OutgoingHttpHeader[]): this;
  override writeHead(
    statusCode: number,
    statusMessage: string,
    headers?: OutgoingHttpHeaders | OutgoingHttpHeader[],
  ): this;
  override writeHead(
    statusCode: number,
    ...rest: readonly (string | OutgoingHttpHeaders | OutgoingHttpHeader[] | undefined)[]
  ): this {
    // HTTP/2 has no reason phrase.
    const given = rest.find(
      (item): item is Exclude<typeof item, string | undefined> => typeof item === 'object',
    );
    this.cacheWord = cacheWordOf(given);
    if (given === undefined) return super.writeHead(statusCode);
    return super.writeHead(statusCode, Array.isArray(given) ? fromFlat(given) : fromObject(given));
  }

  constructor(stream: ServerHttp2Stream) {
    super(stream);
    // Node's own has none, and whoever waits for it to drain has to know.
    Object.defineProperty(this, 'destroyed', { get: () => stream.destroyed });
  }

  override write(chunk: string | Uint8Array, callback?: Callback): boolean;
  override write(chunk: string | Uint8Array, encoding: BufferEncoding, callback?: Callback): boolean;
  /** Also how Node writes what `end` is given. */
  override write(
    chunk: string | Uint8Array,
    encoding?: BufferEncoding | Callback,
    callback?: Callback,
  ): boolean {
    this.bodyBytes += lengthOf(chunk);
    return typeof encoding === 'string'
      ? super.write(chunk, encoding, callback)
      : super.write(chunk, encoding);
  }

  /** Breaks off; a reset that names no error could be taken for the end of the body. */
  override destroy(error?: Error): this {
    const { stream } = this;
    if (!stream.destroyed && !this.writableFinished) stream.close(constants.NGHTTP2_INTERNAL_ERROR);
    else if (error !== undefined) stream.destroy(error);
    return this;
  }
}

const readLists = new WeakMap<readonly OutgoingHttpHeader[], OutgoingHttpHeaders>();

function fromFlat(fields: readonly OutgoingHttpHeader[]): OutgoingHttpHeaders {
  const read = readLists.get(fields);
  if (read !== undefined) return read;
  const headers: OutgoingHttpHeaders = {};
  for (let index = 0; index < fields.length; index += 2) {
    const name = String(fields[index]).toLowerCase();
    if (CONNECTION_FIELDS.has(name)) continue;
    const value = fields[index + 1];
    const before = headers[name];
    headers[name] = before === undefined ? value : [before, value ?? ''].flat().map(String);
  }
  readLists.set(fields, headers);
  return headers;
}

function fromObject(fields: OutgoingHttpHeaders): OutgoingHttpHeaders {
  return Object.fromEntries(
    Object.entries(fields).filter(
      ([name, value]) => value !== undefined && !CONNECTION_FIELDS.has(name.toLowerCase()),
    ),
  );
}
