import { Agent, errors, request as send } from 'undici';
import { formatRange } from '../ranges/ranges.js';
import { EMPTY_BODY, streamBody } from './stream-body.js';
import type { Upstream, UpstreamHeaders, UpstreamRequest } from './upstream.js';
import { messageOf, serverError, UpstreamError } from './upstream-error.js';

export interface HttpUpstreamOptions {
  /** `http(s)://host/prefix`; the request's path is appended. */
  readonly url: URL;
  readonly connections: number;
  readonly connectMs: number;
}

/** Fields that are about one connection, not about the object (RFC 9110 section 7.6.1). */
const HOP_BY_HOP: ReadonlySet<string> = new Set([
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

/** Any web server. Redirects are answers, not followed. */
export function createHttpUpstream({ url, connections, connectMs }: HttpUpstreamOptions): Upstream {
  const agent = new Agent({
    connections,
    pipelining: 1,
    connect: { timeout: connectMs },
    // Waiting is bounded by `deadlines`, more exactly than undici's one-second ticks.
    headersTimeout: 0,
    bodyTimeout: 0,
  });
  const prefix = url.pathname.replace(/\/$/, '');
  const credentials = basicCredentials(url);
  return {
    usesQuery: true,
    close: () => agent.destroy(),
    async fetch(request, signal) {
      const response = await send(url.origin + prefix + request.path + request.query, {
        method: 'GET',
        headers: { ...requestHeaders(request), ...credentials },
        dispatcher: agent,
        signal,
      }).catch((error: unknown) => {
        throw translate(error);
      });
      const { statusCode: status } = response;
      const bodyless = status === 304 || status === 204 || status === 404 || status === 410 || status >= 500;
      if (bodyless) response.body.dump({ limit: 64 * 1024 }).catch(() => {});
      if (status >= 500) throw serverError(status);
      return {
        status,
        headers: endToEnd(response.headers),
        endIsKnown:
          response.headers['content-length'] !== undefined ||
          response.headers['transfer-encoding'] !== undefined,
        body: bodyless ? EMPTY_BODY : streamBody(response.body),
      };
    },
  };
}

function requestHeaders({ range, unlessEtag, unlessModifiedSince }: UpstreamRequest): Record<string, string> {
  return {
    // One object, one form: what is compressed at the origin comes as it is.
    'accept-encoding': 'identity',
    'user-agent': 'eddy-edge',
    ...(range === undefined ? {} : { range: formatRange(range) }),
    ...(unlessEtag === undefined ? {} : { 'if-none-match': unlessEtag }),
    ...(unlessModifiedSince === undefined ? {} : { 'if-modified-since': unlessModifiedSince }),
  };
}

function basicCredentials({ username, password }: URL): Record<string, string> {
  if (username === '' && password === '') return {};
  const pair = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  return { authorization: `Basic ${Buffer.from(pair).toString('base64')}` };
}

function endToEnd(headers: Readonly<Record<string, string | string[] | undefined>>): UpstreamHeaders {
  const named = String(headers.connection ?? '')
    .toLowerCase()
    .split(/[\s,]+/);
  const kept: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) {
    if (value === undefined || HOP_BY_HOP.has(name) || named.includes(name)) continue;
    kept[name] = Array.isArray(value) ? value.join(', ') : value;
  }
  return kept;
}

function translate(error: unknown): unknown {
  if (error instanceof UpstreamError) return error;
  if (error instanceof errors.ConnectTimeoutError) {
    return new UpstreamError('origin-connect-timeout', messageOf(error), { cause: error });
  }
  if (error instanceof errors.HTTPParserError || error instanceof errors.HeadersOverflowError) {
    return new UpstreamError('origin-bad-response', messageOf(error), { cause: error });
  }
  return new UpstreamError('origin-unreachable', messageOf(error), { cause: error });
}
