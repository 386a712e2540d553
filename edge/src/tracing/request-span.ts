import type { IncomingMessage } from 'node:http';
import type { AddressRanges } from '../access/address.js';
import type { Attributes, Span, Tracing } from './tracing.js';

/** Whom to believe about the trace that a request belongs to; from anybody it could flood a trace with spans. */
export interface TraceTrust {
  /** Addresses of balancers and other edges. */
  readonly trusted?: Pick<AddressRanges, 'includes'> | undefined;
  readonly fromSibling: boolean;
}

/** Undefined: nothing is recorded. */
export function requestSpan(
  tracing: Tracing | undefined,
  request: Pick<IncomingMessage, 'headers' | 'method' | 'socket'>,
  { trusted, fromSibling }: TraceTrust,
  attributes: Attributes,
): Span | undefined {
  if (tracing === undefined) return undefined;
  const believed = fromSibling || trusted?.includes(request.socket.remoteAddress) === true;
  return tracing.request(believed ? request.headers.traceparent?.toString() : undefined, {
    'http.request.method': request.method ?? 'GET',
    ...attributes,
  });
}

/** What became of it, by the status that the client was sent. */
export function endRequest(span: Span, statusCode: number): void {
  span.set({ 'http.response.status_code': statusCode });
  span.end(statusCode >= 500 ? String(statusCode) : undefined);
}
