import type { IncomingHttpHeaders } from 'node:http';

/** As much of a request as tells which host it is for. HTTP/2 has `:authority` among its headers. */
export interface HostedRequest {
  readonly url?: string | undefined;
  readonly headers: IncomingHttpHeaders;
  readonly rawHeaders: readonly string[];
}

/** What a request says about its host, not yet looked at. */
export interface AskedHost {
  /** Undefined: it names none, which only HTTP/1.0 may. */
  readonly host: string | undefined;
  /** The target without scheme and authority. */
  readonly target: string;
}

const ABSOLUTE_FORM = /^https?:\/\/([^/?#]*)(.*)$/is;

/**
 * The authority of an absolute-form target counts before the Host field (RFC 9112 section 3.2.2), `:authority` before
 * both. Undefined: there are several Host fields, and two servers may choose differently (section 3.2).
 */
export function askedHost({ url = '', headers, rawHeaders }: HostedRequest): AskedHost | undefined {
  let hosts = 0;
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = rawHeaders[index];
    if (name?.length === 4 && (name === 'Host' || name === 'host' || name.toLowerCase() === 'host')) hosts++;
  }
  if (hosts > 1) return undefined;
  const authority: unknown = headers[':authority'];
  const host = typeof authority === 'string' ? authority : headers.host;
  if (url.charCodeAt(0) === 47 /* / */) return { host, target: url };
  const absolute = ABSOLUTE_FORM.exec(url);
  if (absolute === null) return { host, target: url };
  const [, named = '', rest = ''] = absolute;
  return { host: named, target: rest.startsWith('/') ? rest : `/${rest}` };
}

const MAX_HOST_CHARACTERS = 253;
/** A name, an IPv4 address or an IPv6 address in brackets, perhaps a port. No credentials, no encoded characters. */
const HOST = /^(\[[0-9a-f:.]{2,45}\]|[a-z0-9_](?:[a-z0-9_.-]*[a-z0-9_])?)\.?(?::\d{0,5})?$/;

/** Lower case, without port and final dot. Undefined: it is no host. */
export function normalHost(text: string): string | undefined {
  const host = HOST.exec(text.toLowerCase())?.[1];
  if (host === undefined || host.length > MAX_HOST_CHARACTERS || host.includes('..')) return undefined;
  return host;
}
