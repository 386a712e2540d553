import type { ListenAddress } from './address.js';

/** Who may ask, over which connection, and what is written down about it. */
export interface AccessSettings {
  /** Hosts of their own origin, lifetimes and access. Empty: one site answers every host with the settings above. */
  readonly sites: readonly SiteConfig[];
  /** What responses say to pages of other origins. Default `edge` for files, `origin` for web servers. */
  readonly cors?: CorsConfig | undefined;
  /** Tokens; undefined: everybody may ask. */
  readonly access?: TokensConfig | undefined;
  readonly proxies: ProxiesConfig;
  /** A second public listener, encrypted. */
  readonly tls?: TlsConfig | undefined;
  /** Undefined: nothing is written. */
  readonly accessLog?: AccessLogConfig | undefined;
}

/** What one site has for itself. What it does not say is as at the top level. */
export interface SiteConfig {
  /** Short; part of cache keys, metric labels and purges. Default: the first host. */
  readonly name: string;
  /** `video.example`, or `*.cdn.example` for all below it; the longest that matches counts. */
  readonly hosts: readonly string[];
  readonly cors?: CorsConfig | undefined;
  /** `open`: no tokens here, though the top level asks for them. */
  readonly access?: TokensConfig | 'open' | undefined;
}

/**
 * `edge`: any page may read everything, as object storage knows nothing of it. `origin`: what the origin says passes
 * unchanged, and preflights reach it. Else the pages of these origins may.
 */
export type CorsConfig = 'edge' | 'origin' | CorsOrigins;

export interface CorsOrigins {
  /** `https://player.example`, as browsers send it in `Origin`. */
  readonly origins: readonly string[];
  /** Lets them send cookies. Default false. */
  readonly credentials: boolean;
  /** Beyond those that players need. */
  readonly allowHeaders: readonly string[];
  readonly exposeHeaders: readonly string[];
  /** How long browsers may remember a preflight. Default 86,400. */
  readonly maxAgeSeconds: number;
}

export interface TokensConfig {
  /** A JWK set, a JWK or PEM; looked at again every `refreshMs`. */
  readonly keysFile?: string | undefined;
  /** A JWK set, fetched every `refreshMs` and when a token names an unknown key. One of both is set. */
  readonly keysUrl?: string | undefined;
  /** Default 10 s for a file, 5 min for a URL. */
  readonly refreshMs?: number | undefined;
  readonly algorithms: readonly TokenAlgorithm[];
  /** `iss` must be this. */
  readonly issuer?: string | undefined;
  /** `aud` must have one of these, or the site's name or host. */
  readonly audiences: readonly string[];
  /** Furthest that `exp` may lie ahead. Default 24 h. */
  readonly maxLifetimeMs: number;
  /** By how much clocks may differ. Default 10 s. */
  readonly skewMs: number;
  /** Query parameter and cookie that are looked at after the path. Defaults `token` and `eddy_token`. */
  readonly queryParameter: string;
  readonly cookie: string;
  /** Canonical paths below these need no token (the page of a player, say). */
  readonly publicPrefixes: readonly string[];
}

export const TOKEN_ALGORITHMS = ['HS256', 'RS256', 'ES256', 'EdDSA'] as const;
export type TokenAlgorithm = (typeof TOKEN_ALGORITHMS)[number];

export interface ProxiesConfig {
  /** CIDR ranges of balancers in front. Only they are believed about whom they speak for. */
  readonly trusted: readonly string[];
  /** PROXY protocol (v1, v2) on the public listeners: may come or must come from trusted addresses. */
  readonly protocol: 'off' | 'accept' | 'require';
  /** Until the PROXY header is complete. Default 5 s. */
  readonly headerMs: number;
}

export interface CertificateConfig {
  readonly certFile: string;
  readonly keyFile: string;
}

export interface TlsConfig extends CertificateConfig {
  readonly listen: ListenAddress;
  /** Others than the first, by the name that the client asks for. */
  readonly certificates: readonly (CertificateConfig & { readonly hosts: readonly string[] })[];
  readonly minVersion: 'TLSv1.2' | 'TLSv1.3';
  /** Default true. */
  readonly http2: boolean;
  /** How often the files are looked at. Default 60 s; SIGHUP looks at once. */
  readonly reloadMs: number;
}

export interface AccessLogConfig {
  /** A file (appended to, opened again on SIGHUP), or `-` for standard output. */
  readonly file: string;
  /** Share of requests that are written, 0 to 1. Default 1. */
  readonly sample: number;
  /** `full`, `short` (without the last 8 bits of IPv4, the last 80 of IPv6) or `none`. Default short. */
  readonly addresses: 'full' | 'short' | 'none';
}

/** Limits by client. 0 for none. */
export interface ClientLimits {
  /** Connections from one address (IPv6: one /64); more are closed at once. Default 0. */
  readonly connectionsPerAddress: number;
  /** Requests a second from one address, over time. Default 0. Over it: 429. */
  readonly requestsPerSecond: number;
  /** Requests at once. Default: four seconds' worth. */
  readonly requestBurst: number;
  /** The same by the session of a token, or by the token where it names none. Default 0. */
  readonly sessionRequestsPerSecond: number;
  readonly sessionRequestBurst: number;
  /** Addresses and sessions that are remembered; a flood of others makes it forget, not grow. Default 65,536. */
  readonly trackedClients: number;
  /** A client that takes less, for `slowReaderMs`, while bytes wait for it, is cut. Default 1 KiB. */
  readonly readBytesPerSecond: number;
  /** Default 20 s. */
  readonly slowReaderMs: number;
  /** The body of a request that is passed on. Default 8 MiB. Over it: 413. */
  readonly bodyBytes: number;
  /** Requests at once on one HTTP/2 connection. Default 100. */
  readonly http2Streams: number;
}
