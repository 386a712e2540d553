import { edgeMovesOn, neverMovesOn } from './move-rules.js';
import { ownerOf } from './rendezvous.js';
import type { Upstream } from './upstream.js';
import { withFailover } from './with-failover.js';

export interface SiblingComponents {
  /** Our own way to the origin. */
  readonly upstream: Upstream;
  /** The other edges of this PoP by their URLs, as they are now. The same map until that changes. */
  readonly siblings: () => ReadonlyMap<string, Upstream>;
}

/**
 * Asks the edge of the PoP that owns an object, so that the PoP holds it once and its origin sees one request. Where
 * that edge is down, and for what the other edges ask of us, the way leads to the origin.
 */
export function withSiblings(
  { upstream, siblings }: SiblingComponents,
  { self }: { readonly self: string },
): Upstream {
  let known: ReadonlyMap<string, Upstream> = new Map();
  let members = [self];
  const look = (): void => {
    const now = siblings();
    if (now === known) return;
    known = now;
    members = [...now.keys()].filter((url) => url !== self);
    members.push(self);
  };
  return {
    usesQuery: upstream.usesQuery,
    async close() {
      for (const sibling of siblings().values()) await sibling.close();
      await upstream.close();
    },
    fetch(request, signal) {
      look();
      const owner = request.fromSibling === true ? self : ownerOf(request.path + request.query, members);
      const sibling = owner === self ? undefined : known.get(owner);
      if (sibling === undefined) return upstream.fetch(request, signal);
      return withFailover([
        { upstream: sibling, movesOn: edgeMovesOn },
        { upstream, movesOn: neverMovesOn },
      ]).fetch(request, signal);
    },
  };
}
