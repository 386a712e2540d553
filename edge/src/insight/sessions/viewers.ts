import type { Arm } from '@eddy/protocol';
import type { Place } from '../../swarm/matching/place.js';

/** What the swarm knows of a player: by its own drawing of arms and its own look at the address. */
export interface KnownViewer {
  /** Its name in the room. */
  readonly peer: string;
  readonly arm: Arm;
  readonly place: Place;
}

/** Who is in the swarm now. */
export interface Viewers {
  bySession(session: string): KnownViewer | undefined;
  byPeer(peer: string): KnownViewer | undefined;
}

export const NO_VIEWERS: Viewers = { bySession: () => undefined, byPeer: () => undefined };

export type Nearness = 'network' | 'region' | 'far';

/** How near two players are, for what their bytes cost the networks between. Unknown is far. */
export function nearness(one: Place | undefined, other: Place | undefined): Nearness {
  if (one === undefined || other === undefined) return 'far';
  if (one.prefix !== '' && one.prefix === other.prefix) return 'network';
  if (one.network !== undefined && one.network === other.network) return 'network';
  return one.region !== undefined && one.region === other.region ? 'region' : 'far';
}
