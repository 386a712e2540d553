import { stringify } from 'yaml';
import { quantityBytes } from './value-fields.js';
import type { Pool, Values } from './values.js';

/** Where things are inside an edge's container. */
export const PATHS = {
  data: '/var/lib/eddy',
  config: '/etc/eddy',
  tls: '/etc/eddy-tls',
} as const;

/** What the edge is given to end responses, after its players were sent away. */
export const STOP_DEADLINE_SECONDS = 20;
/** In which players are told to go elsewhere, before that. */
export const DRAIN_SECONDS = 45;

type Tree = Record<string, unknown>;

/** Ports that an edge of this pool listens on. */
export function portsOf(pool: Pool): { readonly http: number; readonly https: number } {
  return pool.expose.by === 'hostNetwork' ? pool.expose : { http: 8080, https: 8443 };
}

/** The service by whose name the edges of a pool have names of their own. */
export function headlessOf(pool: Pool): string {
  return `eddy-edge-${pool.name}-each`;
}

/** Edges of a PoP that are always there: those above `min` come and go, and own nothing that others ask them for. */
export function siblingUrls(values: Values, pop: string): string[] {
  return values.pools
    .filter((pool) => pool.siblings && pool.pop === pop)
    .flatMap((pool) =>
      Array.from({ length: pool.scaling.min }, (_, ordinal) =>
        siblingUrl(values, pool, `eddy-edge-${pool.name}-${ordinal}`),
      ),
    );
}

/** How the edge in a pod is called by its siblings. */
export function siblingUrl(values: Values, pool: Pool, pod: string): string {
  return `http://${pod}.${headlessOf(pool)}.${values.namespace}.svc.cluster.local:${portsOf(pool).http}/`;
}

function merged(below: Tree, above: Tree): Tree {
  const result = { ...below };
  for (const [key, value] of Object.entries(above)) {
    const old = result[key];
    result[key] = isTree(old) && isTree(value) ? merged(old, value) : value;
  }
  return result;
}

function isTree(value: unknown): value is Tree {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/**
 * The configuration file of a pool's edges. What differs from pod to pod (name, addresses of the closed listeners,
 * how siblings ask it) comes by environment, credentials too.
 */
export function edgeSettings(values: Values, pool: Pool): Tree {
  const { origin, clickhouse, nats } = values;
  const { http, https } = portsOf(pool);
  const s3 = {
    ...(origin.endpoint === undefined ? {} : { endpoint: origin.endpoint }),
    ...(origin.region === undefined ? {} : { region: origin.region }),
  };
  const own: Tree = {
    origin: { url: origin.url, ...(Object.keys(s3).length === 0 ? {} : { s3 }) },
    listeners: { public: `0.0.0.0:${http}` },
    ...(pool.tlsSecret === undefined
      ? {}
      : {
          tls: {
            listen: `0.0.0.0:${https}`,
            certFile: `${PATHS.tls}/tls.crt`,
            keyFile: `${PATHS.tls}/tls.key`,
          },
        }),
    cache: {
      memoryBytes: quantityBytes(pool.cacheMemory),
      dir: `${PATHS.data}/cache`,
      // The rest is for figures and for what a file system takes for itself.
      diskBytes: Math.floor(quantityBytes(pool.disk.size) * 0.9),
    },
    limits: { connections: pool.scaling.connections * 2 },
    cluster: {
      pop: pool.pop,
      // A half above the middle that is aimed at: others send players here until then.
      egressLimitBytesPerSecond: Math.round(pool.scaling.egressBytesPerSecond * 1.5),
      ...(nats === undefined
        ? {}
        : {
            bus: {
              urls: [`nats://eddy-nats.${values.namespace}.svc.cluster.local:4222`],
              replicas: nats.replicas,
            },
          }),
    },
    insight: {
      ...(clickhouse === undefined
        ? {}
        : {
            clickhouse: {
              url: `http://eddy-clickhouse.${values.namespace}.svc.cluster.local:8123`,
              database: 'eddy',
              username: 'eddy',
            },
          }),
    },
    dataDir: PATHS.data,
    workers: pool.workers,
    stopDeadlineMs: `${STOP_DEADLINE_SECONDS}s`,
  };
  return merged(merged(own, values.settings), pool.settings);
}

export function edgeConfigFile(values: Values, pool: Pool): string {
  return stringify(edgeSettings(values, pool));
}
