export { formatAddress, type ListenAddress, parseListenAddress } from './config/address.js';
export { ConfigError } from './config/config-error.js';
export type * from './config/edge-config.js';
export { type ConfigSources, checkConfigFile, loadConfig } from './config/load.js';
export { parseEdgeConfig } from './config/schema.js';
export { type EdgeComponents, type RunningEdge, startEdge } from './edge.js';
export { CLICKHOUSE_STATEMENTS } from './insight/store/clickhouse-schema.js';
export { ListenError } from './listeners/listen-error.js';
export type { BoundAddress } from './listeners/listener.js';
