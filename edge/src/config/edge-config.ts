import type { ListenAddress } from './address.js';

/** Everything an edge can be told. Durations are milliseconds, sizes bytes; files may write `2s` and `64MiB`. */
export interface EdgeConfig {
  readonly origin: OriginConfig;
  readonly listeners: {
    /** Media, signaling, beacons. Default 127.0.0.1:8080. */
    readonly public: ListenAddress;
    /** Health, metrics, purge. Default 127.0.0.1:8081. */
    readonly admin: ListenAddress;
    /** Dashboard and query API. Default 127.0.0.1:8082. */
    readonly insight: ListenAddress;
  };
  readonly cache: CacheConfig;
  readonly limits: LimitsConfig;
  readonly swarm: SwarmOptions;
  readonly insight: { readonly enabled: boolean };
  /** Where insight keeps its database. Default `.eddy/edge` below the working directory. */
  readonly dataDir: string;
  readonly log: { readonly level: LogLevel };
  /** Threads that serve the public listener, at most 64. Default 1. */
  readonly workers: number;
  /** How long a stop waits for responses under way. Default 10 s. */
  readonly stopDeadlineMs: number;
}

export type LogLevel = 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'silent';

export interface OriginConfig {
  /** `file:///dir`, `s3://bucket/prefix` or `http(s)://host/prefix`. */
  readonly url: string;
  /** Most connections to it at a time. Default 128. */
  readonly connections: number;
  /** Until it is connected. Default 2 s. */
  readonly connectMs: number;
  /** From request to response head. Default 10 s. */
  readonly firstByteMs: number;
  /** Between two pieces of a body. Default 10 s. */
  readonly idleMs: number;
  readonly s3: S3Config;
}

/** What is not given comes from the usual AWS variables and files. */
export interface S3Config {
  readonly endpoint?: string | undefined;
  readonly region?: string | undefined;
  readonly accessKeyId?: string | undefined;
  readonly secretAccessKey?: string | undefined;
  readonly sessionToken?: string | undefined;
}

export interface CacheConfig {
  /** Bodies and their overhead held in memory. Default 256 MiB. */
  readonly memoryBytes: number;
  /** Larger objects stream through and are not stored. Default 64 MiB, at most half of `memoryBytes`. */
  readonly maxObjectBytes: number;
  /** How long a 404 or 410 of the origin is remembered; 0 for not at all. Default 1 s. */
  readonly negativeMs: number;
  /** How long after its lifetime an object may still be served while the origin fails. Default 10 s. */
  readonly staleIfErrorMs: number;
  /** Lifetimes by path for objects whose origin says nothing; the first that matches counts, then the built-in ones. */
  readonly rules: readonly LifetimeRule[];
}

/** Matches where all that is given matches. */
export interface LifetimeRule {
  /** The canonical path begins with this. */
  readonly pathPrefix?: string | undefined;
  /** The path ends in one of these, without dot. */
  readonly extensions?: readonly string[] | undefined;
  /** A time, or `playlist`: live ones half their target duration (at least 500 ms), finished ones 60 s. */
  readonly freshMs: number | 'playlist';
  /** Tells players that the bytes never change. */
  readonly immutable?: boolean | undefined;
  readonly staleIfErrorMs?: number | undefined;
}

export interface LimitsConfig {
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
  /** Share of viewers who get no peers, so that savings can be measured. Default 10. */
  readonly holdoutPercent: number;
  /** Most peers a player connects to. Default 8. */
  readonly maxPeers: number;
  /** Cap of a player's upload; 0 for none. Default 0. */
  readonly uploadBytesPerSecond: number;
  readonly iceServers: readonly IceServerConfig[];
}

export interface IceServerConfig {
  readonly urls: readonly string[];
  readonly username?: string | undefined;
  readonly credential?: string | undefined;
}
