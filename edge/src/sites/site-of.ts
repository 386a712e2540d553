import { siteCors } from '../access/cors.js';
import type { CorsConfig } from '../config/access-config.js';
import type { CacheConfig, SiteCacheConfig } from '../config/edge-config.js';
import type { QueryRule } from '../http/request-key.js';
import type { Site } from '../http/site.js';
import type { Upstream } from '../upstream/upstream.js';

/** What stores of files leave to those who serve them. */
const STORE_NEGATIVE_MS = 1_000;
const STORE_STALE_IF_ERROR_MS = 10_000;

export interface SiteParts {
  readonly name: string;
  /** Empty for the only site. */
  readonly prefix: string;
  readonly upstream: Upstream;
  readonly kind: 'files' | 'server' | undefined;
  readonly cors: CorsConfig | undefined;
  readonly cache: CacheConfig;
  /** Instead of what `cache` says. */
  readonly own: SiteCacheConfig;
  readonly urlBytes: number;
  readonly bodyBytes: number;
}

/** How a site is served. A web server is obeyed, and nothing is invented; a folder or bucket says nothing itself. */
export function siteOf({
  name,
  prefix,
  upstream,
  kind,
  cors,
  cache,
  own,
  urlBytes,
  bodyBytes,
}: SiteParts): Site {
  const isStore = !upstream.usesQuery || kind === 'files';
  const { maxObjectBytes, sliceBytes } = cache;
  return {
    ...{ name, prefix, upstream, isStore, maxObjectBytes, sliceBytes, bodyBytes },
    policy: {
      rules: own.rules ?? cache.rules,
      builtInRules: isStore,
      staleWhileRevalidateMs: own.staleWhileRevalidateMs ?? cache.staleWhileRevalidateMs,
      staleIfErrorMs: own.staleIfErrorMs ?? cache.staleIfErrorMs ?? (isStore ? STORE_STALE_IF_ERROR_MS : 0),
      negativeMs: own.negativeMs ?? cache.negativeMs ?? (isStore ? STORE_NEGATIVE_MS : 0),
      heuristicPercent: own.heuristicPercent ?? cache.heuristicPercent,
    },
    key: {
      urlBytes,
      query: own.query ?? cache.query ?? defaultQuery(upstream, isStore),
      ignoreQuery: own.ignoreQuery ?? cache.ignoreQuery,
    },
    cors: siteCors(cors ?? (isStore ? 'edge' : 'origin')),
  };
}

/** A web server of files may know the directives of playlists, and no other query. */
function defaultQuery({ usesQuery }: Upstream, isStore: boolean): QueryRule {
  if (!usesQuery) return 'none';
  return isStore ? [] : 'all';
}
