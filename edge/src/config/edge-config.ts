import type { CachePolicy } from '../cache/policy/open-store.js';
import type { PrefetchConfig } from '../prefetch/prefetch-config.js';
import type { AccessSettings, ClientLimits, SiteConfig } from './access-config.js';
import type { ListenAddress } from './address.js';
import type { ClusterConfig } from './cluster-config.js';
import type { SteeringConfig } from './steering-schema.js';

/** Everything an edge can be told. Durations are milliseconds, sizes bytes; files may write `2s` and `64MiB`. */
export interface EdgeConfig extends AccessSettings {
  readonly sites: readonly SiteSettings[];
  /** How this edge calls itself in `Via` and `CDN-Loop`, a token. Default `eddy-` and random letters. */
  readonly name: string;
  readonly origin: OriginConfig;
  readonly shield: ShieldConfig;
  readonly siblings: SiblingsConfig;
  readonly cluster: ClusterConfig;
  readonly listeners: {
    /** Media, signaling, beacons. Default 127.0.0.1:8080. */
    readonly public: ListenAddress;
    /** Health, metrics, purge. Default 127.0.0.1:8081. */
    readonly admin: ListenAddress;
    /** Dashboard and query API. Default 127.0.0.1:8082. */
    readonly insight: ListenAddress;
  };
  readonly cache: CacheConfig;
  readonly prefetch: PrefetchConfig;
  readonly limits: LimitsConfig;
  readonly steering: SteeringConfig;
  readonly swarm: SwarmOptions;
  readonly insight: InsightOptions;
  /** Where insight keeps its database. Default `.eddy/edge` below the working directory. */
  readonly dataDir: string;
  readonly log: { readonly level: LogLevel };
  /** Threads that serve the public listener, at most 64. Default 1. */
  readonly workers: number;
  /** How long an edge that is told to stop goes on answering while everybody hears of it. Default 5 s with a bus or steering, else 0. */
  readonly drainMs: number;
  /** How long a stop waits for responses under way. Default 10 s. */
  readonly stopDeadlineMs: number;
}

/** A site with its own origin and lifetimes; what it does not say is as at the top level. */
export interface SiteSettings extends SiteConfig {
  readonly origin?: OriginConfig | undefined;
  readonly cache?: SiteCacheConfig | undefined;
}

export type LogLevel = 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'silent';

export interface OriginConfig {
  /** `file:///dir`, `s3://bucket/prefix` or `http(s)://host/prefix`. */
  readonly url: string;
  /**
   * `files`: it has objects and says nothing of lifetimes, so the rules do, and what is not there is told in Eddy's
   * words. `server`: it speaks HTTP, is obeyed, and all it says goes on unchanged. Default: `server` for http(s).
   */
  readonly kind?: 'files' | 'server' | undefined;
  /** Others that hold the same, asked in this order when those before fail. Default: none. */
  readonly urls: readonly string[];
  /** Asks them also for what those before do not have. Default false. */
  readonly failoverOnMissing: boolean;
  /** Most connections to each at a time. Default 128. */
  readonly connections: number;
  /** Until it is connected. Default 2 s. */
  readonly connectMs: number;
  /** From request to response head. Default 10 s. */
  readonly firstByteMs: number;
  /** The same for a playlist reload that the origin holds until there is news (`_HLS_msn`). Default 30 s. */
  readonly heldMs: number;
  /** Between two pieces of a body. Default 10 s. */
  readonly idleMs: number;
  /** From request to response head over all attempts and origins; never below that of one. Default 15 s. */
  readonly allTriesMs: number;
  /** Further attempts: for a GET or HEAD that failed, and for the rest of a body that broke off. Default 2. */
  readonly retries: number;
  /** When an origin is left alone, counted for each by itself. */
  readonly breaker: BreakerConfig;
  readonly s3: S3Config;
}

export interface BreakerConfig {
  /** Failures are counted over this time. Default 10 s. */
  readonly windowMs: number;
  /** Fewer requests in that time say nothing. Default 20. */
  readonly minRequests: number;
  /** Opens where this share of them failed. Default 50. */
  readonly failurePercent: number;
  /** How long no request goes out, before one may try. Default 5 s. */
  readonly openMs: number;
}

/** Another eddy-edge in front of the origin, asked first; straight to the origin when it is down. */
export interface ShieldConfig {
  /** In order of preference. Default: none. */
  readonly urls: readonly string[];
}

/** The edges of one PoP, which share what they hold: each object has one owner, and the others ask it. */
export interface SiblingsConfig {
  /** This edge, as the others name it. */
  readonly self?: string | undefined;
  /** All of them, with or without this one; the same list everywhere. Default: none. */
  readonly urls: readonly string[];
  /** Addresses and ranges that siblings ask from. Default: those in `urls` that are addresses. */
  readonly addresses: readonly string[];
}

/** What is not given comes from the usual AWS variables and files. */
export interface S3Config {
  /** `fast` signs requests itself; `sdk` leaves all to Amazon's client. Default `fast`. */
  readonly client: 'fast' | 'sdk';
  readonly endpoint?: string | undefined;
  readonly region?: string | undefined;
  readonly accessKeyId?: string | undefined;
  readonly secretAccessKey?: string | undefined;
  readonly sessionToken?: string | undefined;
}

export interface CacheConfig {
  /** Bodies and their overhead held in memory. Default 256 MiB. */
  readonly memoryBytes: number;
  /** Larger objects are held in parts, or stream through. Default 64 MiB, at most half of `memoryBytes`. */
  /** Folder of the disk tier, made if it is missing; absolute. No other program may use it. Default: no disk tier. */
  readonly dir?: string | undefined;
  /** What its files may take. Default 10 GiB. */
  readonly diskBytes: number;
  /** Most objects in it, since each takes about 300 bytes of memory. Default 1,000,000. */
  readonly diskObjects: number;
  readonly maxObjectBytes: number;
  /** Who leaves memory when it is full. Default `lru`. */
  readonly policy: CachePolicy;
  /** Size of the parts of larger objects, where the origin gives parts; 0: no parts. Default 4 MiB. */
  readonly sliceBytes: number;
  /** How long a 404 or 410 is remembered whose origin says nothing. Default 1 s for folders and buckets, else 0. */
  readonly negativeMs?: number | undefined;
  /**
   * How long after its lifetime an object may still be served while the origin fails, where the origin says nothing.
   * Default 10 s for folders and buckets, else 0.
   */
  readonly staleIfErrorMs?: number | undefined;
  /** The same while the origin is asked in the background. Default 0. */
  readonly staleWhileRevalidateMs: number;
  /** Share of its age that counts as lifetime where a web server names none (RFC 9111 section 4.2.2). Default 0. */
  readonly heuristicPercent: number;
  /** What of a query names the object. Default: nothing for folders and buckets, `all` for web servers. */
  readonly query?: 'none' | 'all' | readonly string[] | undefined;
  /** Parameters that never count. Default `CMCD`. */
  readonly ignoreQuery: readonly string[];
  /** Lifetimes by path for objects whose origin says nothing; the first that matches counts, then the built-in ones. */
  readonly rules: readonly LifetimeRule[];
}

/** What of the cache's settings a site may say for itself. */
export type SiteCacheConfig = {
  readonly [Key in
    | 'negativeMs'
    | 'staleIfErrorMs'
    | 'staleWhileRevalidateMs'
    | 'heuristicPercent'
    | 'query'
    | 'ignoreQuery'
    | 'rules']?: CacheConfig[Key] | undefined;
};

/** Matches where all that is given matches. */
export interface LifetimeRule {
  /** The canonical path begins with this. */
  readonly pathPrefix?: string | undefined;
  /** The path ends in one of these, without dot. */
  readonly extensions?: readonly string[] | undefined;
  /** A time, or `playlist`: live ones half their target duration (at least 500 ms), finished ones an hour. */
  readonly freshMs: number | 'playlist';
  /** Tells players that the bytes never change. */
  readonly immutable?: boolean | undefined;
  readonly staleWhileRevalidateMs?: number | undefined;
  readonly staleIfErrorMs?: number | undefined;
}

export interface LimitsConfig extends ClientLimits {
  /** All header lines of a request. Default 16 KiB. Over it: 431. */
  readonly headerBytes: number;
  /** The request target. Default 8 KiB. Over it: 414. */
  readonly urlBytes: number;
  /** Connections of the public listener; more are closed at once. Default 20,000. */
  readonly connections: number;
  /** Until a request's header is complete. Default 10 s. */
  readonly headersMs: number;
  /** Until a request is complete. Default 30 s. */
  readonly requestMs: number;
  /** An idle kept-alive connection. Default 75 s, longer than common balancers. */
  readonly keepAliveMs: number;
  /** A connection that neither takes nor sends a byte. Default 60 s. */
  readonly stalledMs: number;
  /** Fills under way at once; more are refused with 503. Default 512. */
  readonly fills: number;
  /** Bytes of bodies on their way into the cache; more are refused with 503. Default 256 MiB. */
  readonly fillBytes: number;
}

export interface SwarmOptions {
  readonly enabled: boolean;
  /** `on`: both ways; `leech`: nobody uploads; `off`: plain HLS. Default `on`. */
  readonly mode: 'on' | 'leech' | 'off';
  /** Share of viewers who get no peers, so that savings can be measured. Default 10. */
  readonly holdoutPercent: number;
  /** Most peers a player connects to. Default 8. */
  readonly maxPeers: number;
  /** Cap of a player's upload; 0 for none. Default 0. */
  readonly uploadBytesPerSecond: number;
  readonly iceServers: readonly IceServerConfig[];
  readonly turn: TurnOptions;
  /** Base URLs of edges that players go to when this one stops. Default: they come back. */
  readonly meet: readonly string[];
  /** Files in MaxMind's format that tell networks and regions. Default: none, viewers are near by address alone. */
  readonly databases: readonly string[];
  /** A room with more viewers becomes two. Default 512. */
  readonly roomViewers: number;
}

/** TURN servers that check names and passwords by a secret they share with the edge (coturn's `use-auth-secret`). */
export interface TurnOptions {
  /** Default: none. */
  readonly urls: readonly string[];
  readonly secret?: string | undefined;
  /** Where the secret is instead, read again on SIGHUP. */
  readonly secretFile?: string | undefined;
  /** How long the credentials of a player are good for, at least 2 minutes. Default 1 h. */
  readonly lifetimeMs: number;
}

/** Where figures are kept, and by which names. */
export interface InsightOptions {
  readonly enabled: boolean;
  /** Where this edge stands, for figures by PoP. Default `cluster.pop`. */
  readonly pop: string;
  /** File of prices. Default: the one that comes with the edge. */
  readonly pricesFile?: string | undefined;
  /** How long figures are kept by minute, hour and day, in days. Default 7, 90, 1098. */
  readonly minuteDays: number;
  readonly hourDays: number;
  readonly dayDays: number;
  /** A database that any number of edges share, instead of a file in `dataDir`. */
  readonly clickhouse: {
    /** `http(s)://host:8123`. Default: none. */
    readonly url?: string | undefined;
    /** Default `eddy`. */
    readonly database: string;
    /** Default `default`. */
    readonly username: string;
    readonly password?: string | undefined;
  };
  /** Another edge that keeps what this one hears. */
  readonly forward: {
    /** Base URL of its admin listener. Default: none. */
    readonly to?: string | undefined;
    readonly secret?: string | undefined;
  };
  /** Others forward to this edge, and show this secret. Default: none may. */
  readonly collect: { readonly secret?: string | undefined };
  /** Who may read figures. Default: whoever reaches the listener. */
  readonly access?: ReaderAccessOptions | undefined;
}

/** Readers change nothing: they see all figures, and may share them by links that end. One of proxies and OIDC is set. */
export interface ReaderAccessOptions {
  /** CIDR ranges of proxies that log people in and say who they are. Default: none. */
  readonly trustedProxies: readonly string[];
  /** Field in which they say it. Default `X-Forwarded-User`. */
  readonly userHeader: string;
  readonly oidc?: OidcOptions | undefined;
  /** How long a login lasts. Default 12 h. */
  readonly sessionMs: number;
  /** Furthest that a shared link may end. Default 30 days. */
  readonly shareMs: number;
  /** Keys that sign logins and links, one a line, the first signs. Default `insight-keys` in `dataDir`, made when absent. */
  readonly keysFile?: string | undefined;
}

/** A provider of OpenID Connect: authorization code with PKCE. */
export interface OidcOptions {
  /** https, or http on loopback. */
  readonly issuer: string;
  readonly clientId: string;
  /** Default: a public client. */
  readonly clientSecret?: string | undefined;
  /** Where it is instead. */
  readonly clientSecretFile?: string | undefined;
  /** Where browsers find the insight listener; they come back to `/auth/callback` there. */
  readonly publicUrl: string;
  /** Default `openid`, `email`. */
  readonly scopes: readonly string[];
  /** Addresses and `@domains` that may read, or members of groups. Default: whoever the provider lets log in. */
  readonly allow: readonly string[];
  readonly groups: readonly string[];
  /** Claim that lists groups. Default `groups`. */
  readonly groupsClaim: string;
}

export interface IceServerConfig {
  readonly urls: readonly string[];
  readonly username?: string | undefined;
  readonly credential?: string | undefined;
}
