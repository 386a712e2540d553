import type { Place } from '../matching/place.js';
import { type DividedBy, divide, SMALLEST_ROOM } from './divide.js';
import { type Member, Room } from './room.js';

export interface RoomListComponents {
  /** A room became two, or two became one. */
  readonly onDivided?: ((by: DividedBy) => void) | undefined;
  readonly onMerged?: (() => void) | undefined;
  /** This one is in another room now. */
  readonly onMoved: (member: Member) => void;
}

/** The rooms of one presentation: large ones divide, small ones merge. */
export class RoomList {
  readonly #components: RoomListComponents;
  readonly #roomViewers: number;
  #rooms: Room[] = [];
  #nextRoom = 1;

  /** `roomViewers`: a room with more viewers becomes two. */
  constructor(components: RoomListComponents, { roomViewers }: { readonly roomViewers: number }) {
    this.#components = components;
    this.#roomViewers = roomViewers;
  }

  get count(): number {
    return this.#rooms.length;
  }

  /** The one with most of the same region and network; among equals the smaller. */
  roomFor(place: Place): Room {
    let best: Room | undefined;
    let bestScore = Number.NEGATIVE_INFINITY;
    for (const room of this.#rooms) {
      const score = room.affinity(place) - (0.1 * room.size) / this.#roomViewers;
      if (score <= bestScore) continue;
      best = room;
      bestScore = score;
    }
    return best ?? this.#open();
  }

  divideIfLarge(room: Room): void {
    if (room.size <= this.#roomViewers) return;
    const division = divide(room.everyone.items);
    if (division === undefined) return;
    const fresh = this.#open();
    for (const member of division.leaving) this.#move(member, fresh);
    this.#components.onDivided?.(division.by);
  }

  mergeIfSmall(room: Room): void {
    if (room.size >= SMALLEST_ROOM) return;
    const [largest, ...others] = this.#rooms
      .filter((other) => other !== room)
      .sort((one, other) => other.size - one.size);
    const into = others.at(-1) ?? largest;
    if (into === undefined && room.size > 0) return;
    for (const member of [...room.everyone.items]) if (into !== undefined) this.#move(member, into);
    this.#rooms = this.#rooms.filter((other) => other !== room);
    if (into !== undefined) this.#components.onMerged?.();
  }

  #open(): Room {
    const room = new Room(this.#nextRoom++);
    this.#rooms.push(room);
    return room;
  }

  #move(member: Member, to: Room): void {
    member.room?.delete(member);
    to.add(member);
    this.#components.onMoved(member);
  }
}
