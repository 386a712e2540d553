import type { IncomingHttpHeaders } from 'node:http';
import type { CorsConfig } from '../config/access-config.js';

/** What players read of responses. */
const EXPOSED =
  'Accept-Ranges, Age, Cache-Status, Content-Encoding, Content-Length, Content-Range, Date, ETag, Last-Modified, Retry-After';
/** What players send that is not safelisted. */
const ALLOWED =
  'Authorization, Range, If-Range, If-None-Match, If-Modified-Since, Cache-Control, CMCD-Object, CMCD-Request, CMCD-Session, CMCD-Status';
const METHODS = 'GET, HEAD, OPTIONS';

export interface SiteCors {
  /** Whether the origin's own CORS fields pass, and preflights reach it. */
  readonly byOrigin: boolean;
  /** Whether responses are the same for every asking origin; else they carry `Vary: Origin`. */
  readonly sameForAll: boolean;
  /** Names and values in turn, to be added to a response to a request from `origin`; one list for all who get the same. */
  fields(origin: string | undefined): readonly string[];
  /** Of the answer to a preflight, `Allow` included. */
  preflight(origin: string | undefined): readonly string[];
}

const NOTHING: readonly string[] = [];
const BY_ORIGIN: SiteCors = {
  byOrigin: true,
  sameForAll: true,
  fields: () => NOTHING,
  preflight: () => NOTHING,
};

/** Rendered once: what is the same for all is one array for all. */
export function siteCors(config: CorsConfig): SiteCors {
  if (config === 'origin') return BY_ORIGIN;
  if (config === 'edge') {
    const fields = [
      ...['Access-Control-Allow-Origin', '*', 'Access-Control-Expose-Headers', EXPOSED],
      ...['Timing-Allow-Origin', '*'],
    ];
    const preflight = ['Access-Control-Allow-Origin', '*', ...preflightFields([], 86_400)];
    return { byOrigin: false, sameForAll: true, fields: () => fields, preflight: () => preflight };
  }
  const { origins, credentials, exposeHeaders, allowHeaders, maxAgeSeconds } = config;
  const foreign = ['Vary', 'Origin'];
  const answers = new Map(
    origins.map((origin) => {
      const allowed = ['Access-Control-Allow-Origin', origin];
      if (credentials) allowed.push('Access-Control-Allow-Credentials', 'true');
      const exposed = [EXPOSED, ...exposeHeaders].join(', ');
      const fields = [
        ...[...allowed, 'Access-Control-Expose-Headers', exposed],
        ...['Timing-Allow-Origin', origin, ...foreign],
      ];
      const preflight = [...allowed, ...preflightFields(allowHeaders, maxAgeSeconds), ...foreign];
      return [origin, { fields, preflight }] as const;
    }),
  );
  return {
    byOrigin: false,
    sameForAll: false,
    fields: (origin) => answers.get(origin ?? '')?.fields ?? foreign,
    preflight: (origin) => answers.get(origin ?? '')?.preflight ?? ['Allow', METHODS, ...foreign],
  };
}

function preflightFields(more: readonly string[], maxAgeSeconds: number): string[] {
  return [
    ...['Access-Control-Allow-Methods', METHODS],
    ...['Access-Control-Allow-Headers', [ALLOWED, ...more].join(', ')],
    // Chromium keeps it for at most two hours, Firefox for a day.
    ...['Access-Control-Max-Age', String(maxAgeSeconds), 'Allow', METHODS],
  ];
}

/** A question by the browser (Fetch standard, section 3.3.2), not an OPTIONS request of somebody else. */
export function isPreflight(method: string | undefined, headers: IncomingHttpHeaders): boolean {
  return (
    method === 'OPTIONS' &&
    headers.origin !== undefined &&
    headers['access-control-request-method'] !== undefined
  );
}
