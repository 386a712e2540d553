import { Pool } from 'undici';
import { systemTimers, type Timers } from '../components.js';
import { formatRange } from '../ranges/ranges.js';
import { endToEnd, withoutFields } from './header-fields.js';
import { exchange } from './http-exchange.js';
import type { Upstream, UpstreamRequest } from './upstream.js';

export interface HttpUpstreamOptions {
  /** `http(s)://host/prefix`; the request's path is appended. */
  readonly url: URL;
  readonly connections: number;
  readonly connectMs: number;
  /** Default: the system's. */
  readonly timers?: Timers;
  /** Sent as `Host`. Default: the URL's. Other edges get the site's, so that they know which one is meant. */
  readonly host?: string | undefined;
  /** Sent with every request, in place of fields of the same names. */
  readonly extraFields?: Readonly<Record<string, string>>;
}

/**
 * About the message's framing or its destination, so not passed on. `expect`, because the body is sent without waiting
 * for a 100 (RFC 9110 section 10.1.1). `eddy-hop` is said by edges, not by their clients.
 */
const OURS: ReadonlySet<string> = new Set(['content-length', 'eddy-hop', 'expect', 'host']);

/** Any web server. Redirects are answers, not followed. */
export function createHttpUpstream(options: HttpUpstreamOptions): Upstream {
  const { url, connections, connectMs, timers = systemTimers } = options;
  const pool = createPool(url.origin, { connections, connectMs });
  const prefix = url.pathname.replace(/\/$/, '');
  const always = { ...basicCredentials(url), ...options.extraFields };
  return {
    usesQuery: true,
    close: () => pool.destroy(),
    fetch(request, signal) {
      const { method = 'GET', path, query, body, onInfo } = request;
      const fields = [
        ...requestFields(request, always),
        ...(options.host === undefined ? [] : ['Host', options.host]),
      ];
      return exchange(
        { dispatcher: pool, timers },
        { path: prefix + path + query, method, fields, body, onInfo },
        signal,
      );
    },
  };
}

/**
 * Connections to one origin. Not an `Agent`: that one forgets its pool whenever its last connection closes, as it does
 * when a body is given up. Waiting is bounded by `deadlines`, more exactly than by undici's one-second ticks.
 */
export function createPool(
  origin: string,
  { connections, connectMs }: Pick<HttpUpstreamOptions, 'connections' | 'connectMs'>,
): Pool {
  return new Pool(origin, {
    connections,
    pipelining: 1,
    connect: { timeout: connectMs },
    headersTimeout: 0,
    bodyTimeout: 0,
  });
}

function requestFields(request: UpstreamRequest, always: Readonly<Record<string, string>>): string[] {
  const { fields = [], range, ifRange, unlessEtag, unlessModifiedSince, bodyBytes } = request;
  const said: Record<string, string | undefined> = {
    Range: range === undefined ? undefined : formatRange(range),
    'If-Range': ifRange,
    'If-None-Match': unlessEtag,
    'If-Modified-Since': unlessModifiedSince,
    'Content-Length': bodyBytes?.toString(),
    ...always,
  };
  const given = Object.entries(said).flatMap(([name, value]) => (value === undefined ? [] : [name, value]));
  const replaced = new Set(given.filter((_, at) => at % 2 === 0).map((name) => name.toLowerCase()));
  const passed = withoutFields(endToEnd(fields), (name) => OURS.has(name) || replaced.has(name));
  const has = (wanted: string): boolean =>
    passed.some((name, at) => at % 2 === 0 && name.toLowerCase() === wanted);
  return [
    ...passed,
    ...given,
    // One object, one form, where nobody asks for another: what is compressed at the origin comes as it is.
    ...(has('accept-encoding') ? [] : ['Accept-Encoding', 'identity']),
    ...(has('user-agent') ? [] : ['User-Agent', 'eddy-edge']),
  ];
}

function basicCredentials({ username, password }: URL): Record<string, string> {
  if (username === '' && password === '') return {};
  const pair = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  return { Authorization: `Basic ${Buffer.from(pair).toString('base64')}` };
}
