import { STEERING_PATH, tokenPath } from '@eddy/protocol';
import { BASE_PARAMETER } from './playlist.js';

/** draft-pantos-hls-rfc8216bis section 7.2. */
export interface SteeringManifest {
  readonly VERSION: 1;
  /** Seconds until it is asked for again. */
  readonly TTL: number;
  readonly 'RELOAD-URI'?: string;
  readonly 'PATHWAY-PRIORITY': readonly string[];
  readonly 'PATHWAY-CLONES'?: readonly PathwayClone[];
}

interface PathwayClone {
  readonly 'BASE-ID': string;
  readonly ID: string;
  readonly 'URI-REPLACEMENT': { readonly HOST: string };
}

export interface ManifestParts {
  /** Ids, the best first. */
  readonly order: readonly string[];
  /** Base URL of each pathway, without a slash at the end. */
  readonly urlOf: (id: string) => string | undefined;
  /** The pathway that the playlist names. */
  readonly base: string;
  /** The pathway that this edge is. */
  readonly self: string;
  readonly ttlMs: number;
  /** That the request had in its path. */
  readonly token: string | undefined;
}

/**
 * Every pathway that the playlist does not name itself is a copy of the one that it does, on another host: paths, and
 * with them a token in the path, stay. Whoever is sent to another pathway asks there the next time.
 */
export function steeringManifest({
  order,
  urlOf,
  base,
  self,
  ttlMs,
  token,
}: ManifestParts): SteeringManifest {
  const clones = order.flatMap((id): PathwayClone[] => {
    const url = urlOf(id);
    if (id === base || url === undefined) return [];
    return [{ 'BASE-ID': base, ID: id, 'URI-REPLACEMENT': { HOST: new URL(url).hostname } }];
  });
  const [best = self] = order;
  const elsewhere = best === self ? undefined : urlOf(best);
  const path = `${token === undefined ? STEERING_PATH : tokenPath(token, STEERING_PATH)}?${BASE_PARAMETER}=${base}`;
  return {
    VERSION: 1,
    TTL: Math.max(1, Math.round(ttlMs / 1000)),
    ...(elsewhere === undefined ? {} : { 'RELOAD-URI': elsewhere + path }),
    'PATHWAY-PRIORITY': order,
    ...(clones.length === 0 ? {} : { 'PATHWAY-CLONES': clones }),
  };
}
