import { formatAddress, type ListenAddress } from './address.js';
import type { EdgeConfig, InsightOptions } from './edge-config.js';

/** As much of the settings as is looked at. */
export interface Looked extends Pick<EdgeConfig, 'listeners'> {
  readonly insight: Pick<InsightOptions, 'enabled' | 'access' | 'forward'>;
}

/** What works, and is hardly meant. */
export function configWarnings({ listeners, insight }: Looked): readonly string[] {
  const { enabled, access, forward } = insight;
  // An edge that forwards has nothing to show.
  const isShown = enabled && forward.to === undefined;
  if (!isShown || access !== undefined || isLoopback(listeners.insight)) return [];
  return [
    `insight listens on ${formatAddress(listeners.insight)} and asks nobody who he is: whoever reaches it reads all figures. Set insight.access, or listen on loopback`,
  ];
}

function isLoopback({ host }: ListenAddress): boolean {
  return host === 'localhost' || host === '::1' || host.startsWith('127.');
}
