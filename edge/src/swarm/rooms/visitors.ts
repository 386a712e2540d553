import type { Place } from '../matching/place.js';
import type { Member } from './room.js';

/** A viewer who would meet some of another edge, as that edge is told of it. */
export interface OpenViewer {
  readonly peer: string;
  readonly uploads: boolean;
  readonly place: Place;
  readonly positionMs?: number | undefined;
  readonly uploadBytesPerSecond?: number | undefined;
  /** Peers it may still have. */
  readonly slots: number;
  /** Peers it has. */
  readonly peers: number;
}

/** What other edges are told of one here. */
export function asOpen(member: Member, slots: number): OpenViewer {
  const { peer, uploads, place, positionMs, uploadBytesPerSecond, met } = member;
  return {
    ...{ peer, uploads, place, positionMs, uploadBytesPerSecond },
    ...{ slots: Math.max(0, slots), peers: met.size },
  };
}

/** A viewer here, one there, and who is given up for that. */
export interface Pairing {
  readonly here: string;
  readonly there: string;
  readonly insteadOf?: string | undefined;
}

/** More are not known of one presentation. */
const MAX_VISITORS = 1024;

/** Viewers of other edges, as far as somebody here has met them. */
export class Visitors {
  readonly #members = new Map<string, Member>();
  readonly #parted = new Set<Member>();

  get size(): number {
    return this.#members.size;
  }

  get(peer: string): Member | undefined {
    return this.#members.get(peer);
  }

  /** The one that is known, or a new one that nobody has met yet. Undefined: another edge has one of that name. */
  look(
    { peer, uploads, place, positionMs, uploadBytesPerSecond }: OpenViewer,
    home: string,
  ): Member | undefined {
    const known = this.#members.get(peer);
    if (known !== undefined) {
      if (known.home !== home) return undefined;
      known.positionMs = positionMs;
      return known;
    }
    return {
      ...{ peer, uploads, place, positionMs, uploadBytesPerSecond, home },
      ...{ met: new Set(), failed: new Set(), disputes: 0, disputed: false, held: 0 },
      ...{ declaredBytesPerSecond: uploadBytesPerSecond, room: undefined },
    };
  }

  /** It has met somebody. False: there are too many. */
  keep(visitor: Member): boolean {
    if (!this.#members.has(visitor.peer) && this.#members.size >= MAX_VISITORS) return false;
    this.#members.set(visitor.peer, visitor);
    return true;
  }

  /** It has one peer less. */
  noteParted(visitor: Member): void {
    this.#parted.add(visitor);
  }

  /** Only those are remembered who have met somebody. To be called once everybody has been told. */
  tidy(): void {
    for (const visitor of this.#parted) {
      if (visitor.met.size === 0 && this.#members.get(visitor.peer) === visitor) {
        this.#members.delete(visitor.peer);
      }
    }
    this.#parted.clear();
  }

  notAt(isThere: (home: string) => boolean): Member[] {
    return [...this.#members.values()].filter(({ home }) => home !== undefined && !isThere(home));
  }

  clear(): void {
    this.#members.clear();
  }
}
