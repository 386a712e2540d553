import { formatRoundTrips, ROUND_TRIPS_PARAMETER, STEERING_PATH } from '@eddy/protocol';
import type { Clock, Timers } from '../components.js';
import type { FetchBlock } from '../digests/block-reader.js';
import { EdgeWatch } from '../failover/edge-watch.js';
import type { HlsPlayer } from '../hls/player.js';
import { pathwaysIn } from '../hls/steering.js';
import type { RoomClient } from '../signaling/room-client.js';
import { atEdge } from './edge-address.js';
import { RoundTrips } from './round-trips.js';

export interface PathwaysComponents {
  readonly clock: Clock;
  readonly timers: Timers;
  readonly player: HlsPlayer;
  readonly room: RoomClient;
  /** Base URL of the edge that the multivariant playlist came from. */
  readonly home: string;
  readonly fetch?: FetchBlock;
  readonly host: () => string | undefined;
  /** An address with this session in it. */
  readonly addressed: (url: string) => string;
  readonly consented: () => boolean;
  readonly beacons: boolean;
}

/** Where else the media are, by the steering manifest: how far, and whether to go there. */
export class Pathways {
  readonly watch: EdgeWatch;
  readonly #components: PathwaysComponents;
  readonly #roundTrips: RoundTrips;
  #known: ReadonlyMap<string, string> = new Map();
  #playlistOver: (answered: boolean) => void = () => {};

  constructor(components: PathwaysComponents) {
    this.#components = components;
    const { clock, timers, player, host, consented, beacons } = components;
    const fetch: FetchBlock = components.fetch ?? ((url, init) => globalThis.fetch(url, init));
    this.#roundTrips = new RoundTrips({
      ...{ clock, timers, fetch, pathways: () => this.#known },
      allowed: () => beacons && consented(),
    });
    this.watch = new EdgeWatch({
      ...{ clock, timers, fetch, host },
      // hls.js 1.5 cannot be told.
      pathways: () => (consented() && player.pathwayPriority ? this.#known : new Map()),
      bufferMs: () => 1000 * (player.mainForwardBufferInfo?.len ?? 0),
      move: (order) => {
        player.pathwayPriority = [...order];
      },
    });
  }

  /** The picture has begun. */
  begin(): void {
    this.#roundTrips.begin();
  }

  close(): void {
    this.#roundTrips.close();
    this.watch.close();
  }

  /** The player is at another pathway: it waits for no playlist of the one before. */
  left(): void {
    this.#playlistOver(false);
  }

  /** A steering manifest has come while media come from `host`. */
  steered(manifest: object, host: string): void {
    const { room, home } = this.#components;
    const knew = this.#known.size;
    this.#known = pathwaysIn(manifest, home);
    if (knew < 2) this.watch.attend();
    const [best, ...others] = this.#known.values();
    if (best === undefined) return;
    room.alternatives = [best, ...others];
    // A room that was looked for elsewhere while its edge was out of reach.
    if (best === host) room.moveTo(best);
  }

  /**
   * Where to ask for steering: at the edge in use, which is there, with the token that is good now; and with what is
   * known of how far the others are.
   */
  steeringAddress({ search }: URL): URL {
    const { room, addressed } = this.#components;
    const url = atEdge(room.edge, STEERING_PATH);
    for (const [name, value] of new URLSearchParams(search)) url.searchParams.set(name, value);
    const measured = formatRoundTrips(this.#roundTrips.measuredMs);
    if (measured !== '') url.searchParams.set(ROUND_TRIPS_PARAMETER, measured);
    return new URL(addressed(url.href));
  }

  /** hls.js asks for a media playlist. One that the edge holds back until there is news is no silence. */
  playlistAsked(data: object): void {
    this.#playlistOver(false);
    if ('deliveryDirectives' in data && data.deliveryDirectives) return;
    // hls.js itself asks anew elsewhere.
    this.#playlistOver = this.watch.begin({ loaded: () => 0, giveUp: () => {} });
  }

  playlistLoaded(): void {
    this.#playlistOver(true);
  }
}
