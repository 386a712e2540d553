/** Settings that environment and flags reach too, with their names there. */
export interface Setting {
  readonly path: readonly string[];
  readonly env: string;
  /** Commander's camel-case name of the flag. */
  readonly flag?: string;
}

export const SETTINGS: readonly Setting[] = [
  { path: ['name'], env: 'EDDY_NAME' },
  { path: ['origin', 'url'], env: 'EDDY_ORIGIN', flag: 'origin' },
  { path: ['origin', 'urls'], env: 'EDDY_ORIGIN_URLS' },
  { path: ['origin', 'failoverOnMissing'], env: 'EDDY_ORIGIN_FAILOVER_ON_MISSING' },
  { path: ['origin', 'kind'], env: 'EDDY_ORIGIN_KIND' },
  { path: ['origin', 'connections'], env: 'EDDY_ORIGIN_CONNECTIONS' },
  { path: ['origin', 'connectMs'], env: 'EDDY_ORIGIN_CONNECT_MS' },
  { path: ['origin', 'firstByteMs'], env: 'EDDY_ORIGIN_FIRST_BYTE_MS' },
  { path: ['origin', 'heldMs'], env: 'EDDY_ORIGIN_HELD_MS' },
  { path: ['origin', 'idleMs'], env: 'EDDY_ORIGIN_IDLE_MS' },
  { path: ['origin', 'allTriesMs'], env: 'EDDY_ORIGIN_ALL_TRIES_MS' },
  { path: ['origin', 'retries'], env: 'EDDY_ORIGIN_RETRIES' },
  { path: ['origin', 's3', 'client'], env: 'EDDY_S3_CLIENT' },
  { path: ['origin', 's3', 'endpoint'], env: 'EDDY_S3_ENDPOINT' },
  { path: ['origin', 's3', 'region'], env: 'EDDY_S3_REGION' },
  { path: ['shield', 'urls'], env: 'EDDY_SHIELD_URLS' },
  { path: ['siblings', 'self'], env: 'EDDY_SIBLINGS_SELF' },
  { path: ['siblings', 'urls'], env: 'EDDY_SIBLINGS_URLS' },
  { path: ['siblings', 'addresses'], env: 'EDDY_SIBLINGS_ADDRESSES' },
  { path: ['listeners', 'public'], env: 'EDDY_LISTEN', flag: 'listen' },
  { path: ['listeners', 'admin'], env: 'EDDY_ADMIN', flag: 'admin' },
  { path: ['listeners', 'insight'], env: 'EDDY_INSIGHT', flag: 'insight' },
  { path: ['cache', 'memoryBytes'], env: 'EDDY_CACHE_MEMORY', flag: 'cacheMemory' },
  { path: ['cache', 'dir'], env: 'EDDY_CACHE_DIR', flag: 'cacheDir' },
  { path: ['cache', 'diskBytes'], env: 'EDDY_CACHE_DISK', flag: 'cacheDisk' },
  { path: ['cache', 'diskObjects'], env: 'EDDY_CACHE_DISK_OBJECTS' },
  { path: ['cache', 'maxObjectBytes'], env: 'EDDY_CACHE_MAX_OBJECT_BYTES' },
  { path: ['cache', 'policy'], env: 'EDDY_CACHE_POLICY' },
  { path: ['cache', 'negativeMs'], env: 'EDDY_CACHE_NEGATIVE_MS' },
  { path: ['cache', 'staleIfErrorMs'], env: 'EDDY_CACHE_STALE_IF_ERROR_MS' },
  { path: ['cache', 'sliceBytes'], env: 'EDDY_CACHE_SLICE_BYTES' },
  { path: ['cache', 'staleWhileRevalidateMs'], env: 'EDDY_CACHE_STALE_WHILE_REVALIDATE_MS' },
  { path: ['prefetch', 'segments'], env: 'EDDY_PREFETCH_SEGMENTS' },
  { path: ['prefetch', 'maxFills'], env: 'EDDY_PREFETCH_MAX_FILLS' },
  { path: ['prefetch', 'maxViewerFills'], env: 'EDDY_PREFETCH_MAX_VIEWER_FILLS' },
  { path: ['prefetch', 'bytesPerSecond'], env: 'EDDY_PREFETCH_BYTES_PER_SECOND' },
  { path: ['prefetch', 'minUsePercent'], env: 'EDDY_PREFETCH_MIN_USE_PERCENT' },
  { path: ['limits', 'connections'], env: 'EDDY_LIMITS_CONNECTIONS' },
  { path: ['limits', 'fills'], env: 'EDDY_LIMITS_FILLS' },
  { path: ['limits', 'fillBytes'], env: 'EDDY_LIMITS_FILL_BYTES' },
  { path: ['limits', 'connectionsPerAddress'], env: 'EDDY_LIMITS_CONNECTIONS_PER_ADDRESS' },
  { path: ['limits', 'requestsPerSecond'], env: 'EDDY_LIMITS_REQUESTS_PER_SECOND' },
  { path: ['limits', 'sessionRequestsPerSecond'], env: 'EDDY_LIMITS_SESSION_REQUESTS_PER_SECOND' },
  { path: ['access', 'keysFile'], env: 'EDDY_ACCESS_KEYS_FILE' },
  { path: ['access', 'keysUrl'], env: 'EDDY_ACCESS_KEYS_URL' },
  { path: ['proxies', 'protocol'], env: 'EDDY_PROXIES_PROTOCOL' },
  { path: ['tls', 'listen'], env: 'EDDY_TLS_LISTEN' },
  { path: ['tls', 'certFile'], env: 'EDDY_TLS_CERT_FILE' },
  { path: ['tls', 'keyFile'], env: 'EDDY_TLS_KEY_FILE' },
  { path: ['accessLog', 'file'], env: 'EDDY_ACCESS_LOG' },
  { path: ['swarm', 'enabled'], env: 'EDDY_SWARM_ENABLED' },
  { path: ['swarm', 'mode'], env: 'EDDY_SWARM_MODE' },
  { path: ['swarm', 'turn', 'urls'], env: 'EDDY_SWARM_TURN_URLS' },
  { path: ['swarm', 'turn', 'secret'], env: 'EDDY_SWARM_TURN_SECRET' },
  { path: ['swarm', 'turn', 'secretFile'], env: 'EDDY_SWARM_TURN_SECRET_FILE' },
  { path: ['swarm', 'turn', 'lifetimeMs'], env: 'EDDY_SWARM_TURN_LIFETIME_MS' },
  { path: ['swarm', 'meet'], env: 'EDDY_SWARM_MEET' },
  { path: ['swarm', 'databases'], env: 'EDDY_SWARM_DATABASES' },
  { path: ['swarm', 'roomViewers'], env: 'EDDY_SWARM_ROOM_VIEWERS' },
  { path: ['swarm', 'holdoutPercent'], env: 'EDDY_SWARM_HOLDOUT_PERCENT' },
  { path: ['swarm', 'maxPeers'], env: 'EDDY_SWARM_MAX_PEERS' },
  { path: ['swarm', 'uploadBytesPerSecond'], env: 'EDDY_SWARM_UPLOAD_BYTES_PER_SECOND' },
  { path: ['insight', 'enabled'], env: 'EDDY_INSIGHT_ENABLED' },
  { path: ['insight', 'pop'], env: 'EDDY_INSIGHT_POP' },
  { path: ['insight', 'pricesFile'], env: 'EDDY_INSIGHT_PRICES_FILE' },
  { path: ['insight', 'clickhouse', 'url'], env: 'EDDY_INSIGHT_CLICKHOUSE_URL' },
  { path: ['insight', 'clickhouse', 'database'], env: 'EDDY_INSIGHT_CLICKHOUSE_DATABASE' },
  { path: ['insight', 'clickhouse', 'username'], env: 'EDDY_INSIGHT_CLICKHOUSE_USERNAME' },
  { path: ['insight', 'clickhouse', 'password'], env: 'EDDY_INSIGHT_CLICKHOUSE_PASSWORD' },
  { path: ['insight', 'forward', 'to'], env: 'EDDY_INSIGHT_FORWARD_TO' },
  { path: ['insight', 'forward', 'secret'], env: 'EDDY_INSIGHT_FORWARD_SECRET' },
  { path: ['insight', 'collect', 'secret'], env: 'EDDY_INSIGHT_COLLECT_SECRET' },
  { path: ['dataDir'], env: 'EDDY_DATA_DIR', flag: 'dataDir' },
  { path: ['log', 'level'], env: 'EDDY_LOG_LEVEL' },
  { path: ['workers'], env: 'EDDY_WORKERS', flag: 'workers' },
  { path: ['stopDeadlineMs'], env: 'EDDY_STOP_DEADLINE_MS' },
];

/** Where the file is, not a setting in it. */
export const CONFIG_ENV = 'EDDY_CONFIG';

/**
 * Names that other software sets: Kubernetes writes such links for every service of a namespace, and one may well be
 * called `eddy-edge`. `EDDY_TEST_…` belongs to the test runner.
 */
export const FOREIGN_ENV: RegExp =
  /^EDDY_(TEST_.*|(.*_)?SERVICE_(HOST|PORT(_.*)?)|(.*_)?PORT(_\d+_(TCP|UDP)(_.*)?)?)$/;
