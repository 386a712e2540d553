import type { ObjectTier } from '../cache/memory-tier.js';
import { freshnessOf } from '../cache/stored-response.js';
import type { Clock } from '../components.js';
import type { BackingStore } from '../fill/backing-store.js';
import type { FillTable } from '../fill/fill-table.js';
import type { Filler } from '../fill/filler.js';
import { type RequestKey, requestKey } from '../http/request-key.js';
import type { Site } from '../http/site.js';
import type { PrefetchComponents } from './prefetcher.js';

export interface FillsAheadComponents {
  readonly tier: ObjectTier;
  readonly backing: BackingStore;
  readonly table: FillTable;
  readonly filler: Filler;
  readonly sites: readonly Site[];
  /** Since the epoch. */
  readonly wallClock: Clock;
}

/** Fetches ahead by the same fills that viewers wait for. Paths are those of the cache: with their site's prefix. */
export function fillsAhead(
  { tier, backing, table, filler, sites, wallClock }: FillsAheadComponents,
  { edgeName }: { readonly edgeName: string },
): Pick<PrefetchComponents, 'isHeld' | 'fill' | 'fillsInFlight'> {
  const byPrefix = new Map(sites.map((site) => [site.prefix, site] as const));
  const fields = ['Via', `1.1 ${edgeName}`, 'CDN-Loop', edgeName];

  function find(path: string): { readonly site: Site; readonly named: RequestKey } | undefined {
    const slash = path.indexOf('/');
    const site = byPrefix.get(path.slice(0, slash));
    const named = site === undefined ? undefined : requestKey(path.slice(slash), site.key);
    return site === undefined || named === undefined || 'refused' in named ? undefined : { site, named };
  }

  return {
    fillsInFlight: () => table.size,
    isHeld(path) {
      const found = find(path);
      if (found === undefined) return true;
      const key = found.site.prefix + found.named.key;
      const object = tier.peek(key);
      if (object !== undefined) return freshnessOf(object, wallClock.now()).fresh;
      return table.has(key) || backing.mayHave(key);
    },
    fill(path, _range, ended) {
      const found = find(path);
      if (found === undefined) return ended(undefined);
      const { site, named } = found;
      const key = site.prefix + named.key;
      const joined = table.join({ key, path, fields: [] });
      if (joined.role !== 'writer') return ended(undefined);
      const { fill } = joined;
      fill.finishAnyway();
      void fill.ended.then((end) => ended(end.is === 'stored' ? end.object.body.length : undefined));
      void filler.run(fill, {
        ...{ primaryKey: key, variantKey: key, source: site, stale: tier.peek(key), fields },
        ...{ upstreamPath: named.path, upstreamQuery: named.query, authorized: false },
      });
    },
  };
}
