import type { Place } from '../matching/place.js';
import { SampledSet } from '../matching/sample.js';
import type { Viewer } from '../matching/viewer.js';

/** A viewer in a room, as the room changes it. */
export interface Member extends Viewer {
  readonly met: Set<Member>;
  readonly failed: Set<string>;
  /** Pairs with it that ended because one of the two accused the other. */
  disputes: number;
  disputed: boolean;
  positionMs: number | undefined;
  uploadBytesPerSecond: number | undefined;
  /** What it says that it would upload at most. */
  readonly declaredBytesPerSecond: number | undefined;
  /** Slots kept for viewers of other edges who were offered to meet it. */
  held: number;
  /** Undefined: it is connected to another edge. */
  room: Room | undefined;
}

/**
 * Those whom a viewer may be introduced to from now on. Pairs that know each other already stay what they are when a
 * room divides, and go when one of them leaves.
 */
export class Room {
  /** Given by the edge; unique within a presentation. */
  readonly number: number;
  readonly everyone: SampledSet<Member> = new SampledSet();
  readonly withSpareSlot: SampledSet<Member> = new SampledSet();
  readonly #regions = new Map<string, number>();
  readonly #networks = new Map<string, number>();

  constructor(number: number) {
    this.number = number;
  }

  get size(): number {
    return this.everyone.size;
  }

  add(member: Member): void {
    member.room = this;
    this.everyone.add(member);
    this.#count(member.place, 1);
  }

  delete(member: Member): void {
    this.everyone.delete(member);
    this.withSpareSlot.delete(member);
    this.#count(member.place, -1);
  }

  noteSlots(member: Member, maxPeers: number): void {
    if (member.met.size + member.held < maxPeers) this.withSpareSlot.add(member);
    else this.withSpareSlot.delete(member);
  }

  /** From 0 to 2: how many are of the same region, and of the same network. */
  affinity(place: Place): number {
    if (this.size === 0) return 0;
    const alike = (this.#regions.get(place.region ?? '') ?? 0) + (this.#networks.get(networkOf(place)) ?? 0);
    return alike / this.size;
  }

  #count(place: Place, by: 1 | -1): void {
    step(this.#regions, place.region ?? '', by);
    step(this.#networks, networkOf(place), by);
  }
}

function networkOf({ network, prefix }: Place): string {
  return network === undefined ? prefix : `AS${network}`;
}

function step(counts: Map<string, number>, key: string, by: number): void {
  if (key === '') return;
  const count = (counts.get(key) ?? 0) + by;
  if (count === 0) counts.delete(key);
  else counts.set(key, count);
}
