import { edgeMovesOn, neverMovesOn } from './move-rules.js';
import { ownerOf } from './rendezvous.js';
import type { Upstream } from './upstream.js';
import { withFailover } from './with-failover.js';

export interface SiblingComponents {
  /** Our own way to the origin. */
  readonly upstream: Upstream;
  /** The other edges of this PoP by their URLs. */
  readonly siblings: ReadonlyMap<string, Upstream>;
}

/**
 * Asks the edge of the PoP that owns an object, so that the PoP holds it once and its origin sees one request. Where
 * that edge is down, and for what the other edges ask of us, the way leads to the origin.
 */
export function withSiblings(
  { upstream, siblings }: SiblingComponents,
  { self }: { readonly self: string },
): Upstream {
  const members = [...siblings.keys()].filter((url) => url !== self);
  members.push(self);
  const ways = new Map(
    [...siblings].map(([url, sibling]) => [
      url,
      withFailover([
        { upstream: sibling, movesOn: edgeMovesOn },
        { upstream, movesOn: neverMovesOn },
      ]),
    ]),
  );
  return {
    usesQuery: upstream.usesQuery,
    async close() {
      for (const sibling of siblings.values()) await sibling.close();
      await upstream.close();
    },
    fetch(request, signal) {
      const owner = request.fromSibling === true ? self : ownerOf(request.path + request.query, members);
      const way = owner === self ? upstream : (ways.get(owner) ?? upstream);
      return way.fetch(request, signal);
    },
  };
}
