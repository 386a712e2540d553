import type { EdgeConfig } from './config/edge-config.js';
import { OPEN_CORS, ORIGINS_CORS } from './http/cors.js';
import type { QueryRule } from './http/request-key.js';
import type { Site } from './http/site.js';
import type { Upstream } from './upstream/upstream.js';

/** What stores of files leave to those who serve them. */
const STORE_NEGATIVE_MS = 1_000;
const STORE_STALE_IF_ERROR_MS = 10_000;

/** The one site of an edge. A web server is obeyed, and nothing is invented; a folder or bucket says nothing itself. */
export function createSite({ origin, cache, limits }: EdgeConfig, upstream: Upstream): Site {
  const isStore = !upstream.usesQuery || origin.kind === 'files';
  return {
    ...{ name: 'default', prefix: '', upstream, isStore },
    ...{ maxObjectBytes: cache.maxObjectBytes, sliceBytes: cache.sliceBytes },
    policy: {
      rules: cache.rules,
      builtInRules: isStore,
      staleWhileRevalidateMs: cache.staleWhileRevalidateMs,
      staleIfErrorMs: cache.staleIfErrorMs ?? (isStore ? STORE_STALE_IF_ERROR_MS : 0),
      negativeMs: cache.negativeMs ?? (isStore ? STORE_NEGATIVE_MS : 0),
      heuristicPercent: cache.heuristicPercent,
    },
    key: {
      urlBytes: limits.urlBytes,
      query: cache.query ?? defaultQuery(upstream, isStore),
      ignoreQuery: cache.ignoreQuery,
    },
    cors: isStore ? OPEN_CORS : ORIGINS_CORS,
  };
}

/** A web server of files may know the directives of playlists, and no other query. */
function defaultQuery({ usesQuery }: Upstream, isStore: boolean): QueryRule {
  if (!usesQuery) return 'none';
  return isStore ? [] : 'all';
}
