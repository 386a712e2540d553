/** What a hostile request may get: `answer` is at most one ordinary answer, `refusal` nothing but an error. */
export type Allowed = 'answer' | 'refusal';

export interface HostileRequest {
  readonly kind: string;
  /** As it goes onto the wire, in Latin-1. */
  readonly bytes: string;
  readonly allowed: Allowed;
}

export interface HostileTarget {
  /** Stands before every path: a good token, where one is asked for. */
  readonly prefix: string;
  /** An object that may be had, prefix and all. */
  readonly path: string;
  /** Never to be asked of the origin and never to be answered. */
  readonly forbidden: string;
  /** Credentials that are to be refused, as paths or targets; none where the server asks for none. */
  readonly refusedTargets: readonly string[];
}

type Shape = (target: HostileTarget, index: number) => Omit<HostileRequest, 'kind'>;

const HOST = 'Host: edge.example\r\n';
const CLOSE = 'Connection: close\r\n';
const many = (count: number, line: (index: number) => string): string =>
  Array.from({ length: count }, (_, index) => line(index)).join('');

function inner({ forbidden }: HostileTarget): string {
  return `GET ${forbidden} HTTP/1.1\r\n${HOST}\r\n`;
}

/** A GET whose body hides a second request, framed by `headers`. */
function smuggle(
  headers: (hidden: string) => string,
  allowed: Allowed,
  body = (hidden: string) => hidden,
): Shape {
  return (target) => {
    const hidden = inner(target);
    return { bytes: `GET ${target.path} HTTP/1.1\r\n${HOST}${headers(hidden)}\r\n${body(hidden)}`, allowed };
  };
}

const chunkEnd = (hidden: string): string => `0\r\n\r\n${hidden}`;

const SMUGGLING: Readonly<Record<string, Shape>> = {
  'length and chunked': smuggle(
    (hidden) => `Content-Length: ${hidden.length + 5}\r\nTransfer-Encoding: chunked\r\n${CLOSE}`,
    'answer',
    chunkEnd,
  ),
  'two lengths': smuggle((hidden) => `Content-Length: 0\r\nContent-Length: ${hidden.length}\r\n`, 'refusal'),
  'length with a list': smuggle((hidden) => `Content-Length: 0, ${hidden.length}\r\n`, 'refusal'),
  'negative length': smuggle(() => 'Content-Length: -1\r\n', 'refusal'),
  'length in hex': smuggle(() => 'Content-Length: 0x20\r\n', 'refusal'),
  'length with a sign': smuggle((hidden) => `Content-Length: +${hidden.length}\r\n`, 'refusal'),
  'length beyond numbers': smuggle(() => 'Content-Length: 99999999999999999999999\r\n', 'refusal'),
  'space before the colon': smuggle((hidden) => `Content-Length : ${hidden.length}\r\n`, 'refusal'),
  'unknown coding': smuggle(() => 'Transfer-Encoding: xchunked\r\n', 'refusal', chunkEnd),
  'chunked not last': smuggle(() => 'Transfer-Encoding: chunked, identity\r\n', 'refusal', chunkEnd),
  'chunked twice': smuggle(
    () => 'Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n',
    'refusal',
    chunkEnd,
  ),
  'chunk size overflow': smuggle(
    () => `Transfer-Encoding: chunked\r\n`,
    'answer',
    (hidden) => `fffffffffffffffffffff\r\n${hidden}`,
  ),
  'chunk size with a sign': smuggle(
    () => `Transfer-Encoding: chunked\r\n`,
    'answer',
    (hidden) => `-1\r\n${hidden}`,
  ),
  'folded header': smuggle(
    (hidden) => `X-Fold: a\r\n Content-Length: ${hidden.length}\r\n${CLOSE}`,
    'answer',
    () => '',
  ),
  'carriage return in a value': smuggle(
    () => `X-A: b\rTransfer-Encoding: chunked\r\n${CLOSE}`,
    'answer',
    () => '',
  ),
  'zero byte in a value': smuggle(
    () => `X-A: b\0c\r\n${CLOSE}`,
    'answer',
    () => '',
  ),
};

const start = (target: string, headers = ''): string =>
  `GET ${target} HTTP/1.1\r\n${HOST}${CLOSE}${headers}\r\n`;
const range =
  (value: (index: number) => string): Shape =>
  ({ path }, index) => ({
    bytes: start(path, `Range: ${value(index)}\r\n`),
    allowed: 'answer',
  });

const RANGES: Readonly<Record<string, Shape>> = {
  'a thousand ranges': range(() => `bytes=${many(1000, (index) => `${index === 0 ? '' : ','}0-`)}`),
  'overlapping ranges': range(
    () => `bytes=${many(200, (index) => `${index === 0 ? '' : ','}${index}-60000`)}`,
  ),
  'range backwards': range(() => 'bytes=500-2'),
  'range beyond the end': range(() => 'bytes=99999999999999999999-'),
  'empty suffix': range(() => 'bytes=-0'),
  'huge suffix': range(() => 'bytes=-99999999999999999999'),
  'range of letters': range(() => 'bytes=a-b'),
  'range without unit': range((index) => `${index}-`),
  'unknown unit': range(() => 'pages=1-2'),
  'range with signs': range(() => 'bytes=+0-+9'),
  'many range lines': ({ path }) => ({
    bytes: start(
      path,
      many(50, (index) => `Range: bytes=${index}-\r\n`),
    ),
    allowed: 'answer',
  }),
};

const path =
  (of: (target: HostileTarget, index: number) => string): Shape =>
  (target, index) => {
    const written = of(target, index);
    return {
      bytes: start(written.startsWith('/film/') ? target.prefix + written : written),
      allowed: 'answer',
    };
  };

/** What climbs out of the origin's prefix has to be refused or to lead nowhere; the origin tells. */
const PATHS: Readonly<Record<string, Shape>> = {
  dots: path(({ forbidden }) => `/film/../..${forbidden}`),
  'encoded dots': path(({ forbidden }) => `/film/%2e%2e/%2e%2e${forbidden}`),
  'half encoded dots': path(({ forbidden }) => `/film/.%2e/.%2E${forbidden}`),
  'twice encoded dots': path(({ forbidden }) => `/film/%252e%252e/%252e%252e${forbidden}`),
  'encoded slash': path(({ forbidden }) => `/film/..%2f..${forbidden.replace('/', '%2f')}`),
  backslashes: path(({ forbidden }) => `/film/..\\..${forbidden.replaceAll('/', '\\')}`),
  'encoded backslash': path(({ forbidden }) => `/film/..%5c..${forbidden}`),
  'zero byte': path((target) => `${target.path}%00${target.forbidden}`),
  'line break': path(({ forbidden }) => `/film/x%0d%0aX-A:%20b${forbidden}`),
  'overlong dots': path(({ forbidden }) => `/film/%c0%ae%c0%ae/%c0%ae%c0%ae${forbidden}`),
  'broken escape': path(({ forbidden }) => `/film/%zz/..${forbidden}`),
  'system file': path(() => '/../../../../../../etc/passwd'),
  'dots before a parameter': path(({ forbidden }) => `/film/..;/..;${forbidden}`),
  'own rooms': path((_, index) => `/_eddy/${index}/../../film/../..%2fetc/passwd`),
  'whole URL with another scheme': path(() => 'file:///etc/passwd'),
  'whole URL of another host': path(({ forbidden }) => `http://other.example/film/..%2f..${forbidden}`),
};

const HEADS: Readonly<Record<string, Shape>> = {
  'no host': (target) => ({ bytes: `GET ${target.path} HTTP/1.1\r\n${CLOSE}\r\n`, allowed: 'refusal' }),
  'two hosts': (target) => ({ bytes: start(target.path, 'Host: other.example\r\n'), allowed: 'refusal' }),
  'odd host': (target) => ({
    bytes: `GET ${target.path} HTTP/1.1\r\nHost: a b/c@d\r\n${CLOSE}\r\n`,
    allowed: 'refusal',
  }),
  'header of 100 KiB': (target) => ({
    bytes: start(target.path, `X-A: ${'a'.repeat(100 * 1024)}\r\n`),
    allowed: 'refusal',
  }),
  'five thousand headers': (target) => ({
    bytes: start(
      target.path,
      many(5000, (index) => `X-${index}: aaaaaaaaaaaaaaaa\r\n`),
    ),
    allowed: 'refusal',
  }),
  'URL of 100 KiB': (target) => ({
    bytes: start(`${target.path}?${'a'.repeat(100 * 1024)}`),
    allowed: 'refusal',
  }),
  'another server in headers': (target, index) => ({
    bytes: start(
      target.path,
      `X-Forwarded-Host: evil${index}.example\r\nX-Original-URL: ${target.forbidden}\r\nX-Rewrite-URL: ${target.forbidden}\r\nX-HTTP-Method-Override: DELETE\r\nForwarded: host=evil.example\r\n`,
    ),
    allowed: 'answer',
  }),
  'hop by hop names': (target) => ({
    bytes: start(target.path, 'Connection: Host, Range, Authorization\r\n'),
    allowed: 'answer',
  }),
};

const line =
  (method: string, allowed: Allowed, version = 'HTTP/1.1'): Shape =>
  (target) => ({
    bytes: `${method} ${target.path} ${version}\r\n${HOST}${CLOSE}\r\n`,
    allowed,
  });

const METHODS: Readonly<Record<string, Shape>> = {
  'purge from outside': line('PURGE', 'refusal'),
  'ban from outside': line('BAN', 'refusal'),
  trace: line('TRACE', 'refusal'),
  'method in small letters': line('get', 'refusal'),
  'method of 10 KiB': line('A'.repeat(10_240), 'refusal'),
  'version 9': line('GET', 'refusal', 'HTTP/9.9'),
  'no version': (target) => ({ bytes: `GET ${target.path}\r\n\r\n`, allowed: 'answer' }),
  tunnel: () => ({ bytes: `CONNECT other.example:443 HTTP/1.1\r\n${HOST}\r\n`, allowed: 'refusal' }),
  'HTTP/2 preface': () => ({ bytes: 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', allowed: 'refusal' }),
  'TLS hello': () => ({ bytes: '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03', allowed: 'refusal' }),
  noise: (_, index) => ({
    bytes: many(200, (place) => String.fromCharCode((place * 7919 + index * 31) % 256)),
    allowed: 'refusal',
  }),
};

const SHAPES: readonly (readonly [string, Shape])[] = Object.entries({
  ...SMUGGLING,
  ...RANGES,
  ...PATHS,
  ...HEADS,
  ...METHODS,
});

/** How many different ones there are. */
export const HOSTILE_SHAPES: number = SHAPES.length;

/** The request of an index: all shapes in turn, and each credential that is to be refused now and then. */
export function hostileRequest(target: HostileTarget, index: number): HostileRequest {
  const { refusedTargets } = target;
  if (refusedTargets.length > 0 && index % 4 === 3) {
    const refused = refusedTargets[(index >> 2) % refusedTargets.length] ?? target.path;
    return { kind: 'credential', bytes: start(refused), allowed: 'refusal' };
  }
  const [kind, shape] = SHAPES[index % SHAPES.length] ?? ['none', line('GET', 'answer')];
  return { kind, ...shape(target, index) };
}
