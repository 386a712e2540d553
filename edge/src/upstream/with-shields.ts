import { edgeMovesOn, neverMovesOn } from './move-rules.js';
import { byWeight } from './rendezvous.js';
import type { Upstream } from './upstream.js';
import { withFailover } from './with-failover.js';

export interface ShieldComponents {
  /** The way to the origin itself. */
  readonly upstream: Upstream;
  /** Those that are there now, by their URLs. */
  readonly shields: () => ReadonlyMap<string, Upstream>;
}

/**
 * Asks a shield before the origin: each object has a first one among them, so that the shields together hold it once,
 * and a second where that is down. Where there is none, the origin is asked.
 */
export function withShields({ upstream, shields }: ShieldComponents): Upstream {
  return {
    usesQuery: upstream.usesQuery,
    close: () => upstream.close(),
    fetch(request, signal) {
      const known = shields();
      if (known.size === 0) return upstream.fetch(request, signal);
      const ranked = byWeight(request.path + request.query, [...known.keys()]);
      const candidates = ranked.flatMap((url) => {
        const shield = known.get(url);
        return shield === undefined ? [] : [{ upstream: shield, movesOn: edgeMovesOn }];
      });
      return withFailover([...candidates, { upstream, movesOn: neverMovesOn }]).fetch(request, signal);
    },
  };
}
