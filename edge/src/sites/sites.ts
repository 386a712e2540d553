import type { NeighbourTable } from '../cluster/neighbours.js';
import type { EdgeConfig } from '../config/edge-config.js';
import type { Site } from '../http/site.js';
import {
  type OpenComponents,
  type OpenedUpstream,
  openUpstream,
  type UpstreamHealth,
} from '../upstream/open-upstream.js';
import type { Upstream } from '../upstream/upstream.js';
import { hostBetweenEdges } from './host-between-edges.js';
import { siteOf } from './site-of.js';

/** Every site with its origin. */
export interface Sites {
  readonly all: readonly Site[];
  /** By the name that the gate knows it by. */
  byName(name: string): Site;
  /** Of all origins, shields and siblings. */
  health(): UpstreamHealth;
  close(): Promise<void>;
}

export interface SitesComponents extends OpenComponents {
  /** Instead of those that the settings name. */
  readonly upstream?: Upstream | undefined;
  /** Shields and siblings that are found by the bus. */
  readonly found?: NeighbourTable | undefined;
  /** What stands between each origin and the cache. Default: nothing. */
  readonly between?: ((upstream: Upstream) => Upstream) | undefined;
}

const ONLY_SITE = 'default';

/**
 * Keys begin with the site's name, so that no site can be asked for another's objects; where there is one site only,
 * with the path. @throws ConfigError where an origin cannot work; nothing is left open then.
 */
export async function openSites(components: SitesComponents, config: EdgeConfig): Promise<Sites> {
  const { origin, cache, limits, cors, sites } = config;
  const opened: Upstream[] = [];
  const watched: OpenedUpstream[] = [];
  const close = async (): Promise<void> => {
    await Promise.all(opened.map((upstream) => upstream.close()));
  };
  const { between = (upstream) => upstream } = components;
  const open = async (from: EdgeConfig['origin'], host?: string): Promise<Upstream> => {
    if (components.upstream !== undefined) {
      opened.push(components.upstream);
      return between(components.upstream);
    }
    const { shield, siblings } = config;
    const upstream = await openUpstream(components, from, {
      ...{ shield, siblings, found: components.found },
      ...(host === undefined ? {} : { host }),
    });
    opened.push(upstream);
    watched.push(upstream);
    return between(upstream);
  };
  const common = { cache, urlBytes: limits.urlBytes, bodyBytes: limits.bodyBytes };
  try {
    const all: Site[] = [];
    for (const { name, hosts, origin: own, cache: ownCache, cors: ownCors } of sites) {
      const upstream = await open(own ?? origin, hostBetweenEdges(hosts, sites));
      const kind = (own ?? origin).kind;
      all.push(
        siteOf({
          ...{
            ...common,
            name,
            prefix: `${name}:`,
            upstream,
            kind,
            cors: ownCors ?? cors,
            own: ownCache ?? {},
          },
        }),
      );
    }
    if (sites.length === 0) {
      const upstream = await open(origin);
      all.push(
        siteOf({ ...common, name: ONLY_SITE, prefix: '', upstream, kind: origin.kind, cors, own: {} }),
      );
    }
    const byName = new Map(all.map((site) => [site.name, site] as const));
    const [first] = all;
    return {
      all,
      byName(name) {
        // Most edges have one site, and comparing is cheaper than hashing.
        const site = first?.name === name ? first : byName.get(name);
        if (site === undefined) throw new RangeError(`there is no site ${name}`);
        return site;
      },
      health: () => ({
        members: watched.flatMap((upstream) => upstream.health().members),
        retries: sum(watched, ({ retries }) => retries),
        retriesRefused: sum(watched, ({ retriesRefused }) => retriesRefused),
        resumed: sum(watched, ({ resumed }) => resumed),
      }),
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

function sum(watched: readonly OpenedUpstream[], of: (health: UpstreamHealth) => number): number {
  return watched.reduce((total, upstream) => total + of(upstream.health()), 0);
}
