import type { EdgeConfig } from '../config/edge-config.js';
import type { Site } from '../http/site.js';

/**
 * Whether hits need no look at who asks: neither tokens, rates nor PROXY headers, nobody is written down, and pages of
 * all origins get the same answer. Then other threads answer them too.
 */
export function isPlainSite(
  { access, sites, limits, proxies, accessLog }: EdgeConfig,
  { cors }: Site,
): boolean {
  const counts =
    limits.requestsPerSecond > 0 || limits.sessionRequestsPerSecond > 0 || limits.connectionsPerAddress > 0;
  const looks =
    access !== undefined || sites.length > 0 || proxies.protocol !== 'off' || accessLog !== undefined;
  return !counts && !looks && cors.sameForAll;
}
