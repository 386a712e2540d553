import type { MeasuredUpload } from '@eddy/protocol';
import type { Random } from '../../components.js';
import { choosePeers, chooseSplits, chooseSwap, fewestPeers, usualCost } from '../matching/matching.js';
import type { Place } from '../matching/place.js';
import { type DividedBy, divide, SMALLEST_ROOM } from './divide.js';
import { type Notice, Notices } from './notices.js';
import { type Member, Room } from './room.js';

/** Failed pairs remembered for each viewer; the oldest are forgotten. */
const MAX_FAILED = 256;
/** Who failed with so many reaches nobody: pairs that work are not given up for it any more. */
const UNREACHABLE_AFTER = 8;
/**
 * In so many accusations, on whichever side, one is trouble. Nobody can tell who lied, so both are counted: whoever
 * sends wrong bytes spoils so many pairs, and whoever accuses the honest loses as many pairs as they do.
 */
const MAX_DISPUTES = 16;
/** With so many viewers for each slot, a newcomer can choose. */
const LARGE_FOR_SLOTS = 4;
/** Weight of the newest report about an uplink. */
const NEWEST = 0.3;

export interface AudienceComponents {
  readonly random: Random;
  /** A room became two, or two became one. */
  readonly onDivided?: (by: DividedBy) => void;
  readonly onMerged?: () => void;
}

export interface AudienceOptions {
  /** Most peers of a viewer; 0 while nobody is to be introduced. */
  readonly maxPeers: number;
  /** A room with more viewers becomes two. */
  readonly roomViewers: number;
}

/** Who joins, as far as others are concerned. */
export interface Newcomer {
  readonly peer: string;
  readonly uploads: boolean;
  readonly place: Place;
  readonly uploadBytesPerSecond?: number;
}

/**
 * Viewers of one presentation, their rooms, and who was introduced to whom. Knows nothing of sockets: every change
 * gives notices.
 */
export class Audience {
  readonly #components: AudienceComponents;
  readonly #random: Random;
  readonly #members = new Map<string, Member>();
  readonly #roomViewers: number;
  #rooms: Room[] = [];
  #nextRoom = 1;
  #maxPeers: number;

  constructor(components: AudienceComponents, options: AudienceOptions) {
    this.#components = components;
    this.#random = components.random;
    this.#maxPeers = options.maxPeers;
    this.#roomViewers = options.roomViewers;
  }

  get size(): number {
    return this.#members.size;
  }

  get roomCount(): number {
    return this.#rooms.length;
  }

  join({ peer, uploads, place, uploadBytesPerSecond }: Newcomer): Notice[] {
    const notices = new Notices();
    const room = this.#roomFor(place);
    const member: Member = {
      ...{ peer, uploads, place, met: new Set(), failed: new Set(), room },
      ...{ disputes: 0, disputed: false },
      ...{ positionMs: undefined, uploadBytesPerSecond, declaredBytesPerSecond: uploadBytesPerSecond },
    };
    this.#members.set(peer, member);
    room.add(member);
    if (room.size > this.#roomViewers) this.#divide(room);
    // Whoever happens to have a slot to spare need not be near. In a large room the last slots wait for better.
    const waits = room.size > LARGE_FOR_SLOTS * this.#maxPeers;
    const { everyone } = member.room;
    this.#fill(member, notices, waits ? usualCost(member, everyone.items, this.#random) : undefined);
    this.#getInBetween(member, notices);
    this.#noteSlots(member);
    return notices.list();
  }

  leave(peer: string): Notice[] {
    const member = this.#members.get(peer);
    if (member === undefined) return [];
    const notices = new Notices();
    const { room } = member;
    this.#members.delete(peer);
    const left = [...member.met];
    for (const other of left) {
      this.#part(member, other);
      notices.gone(other.peer, peer);
    }
    room.delete(member);
    this.#mergeIfSmall(room);
    for (const other of left) this.#replace(other, notices);
    return notices.list();
  }

  /**
   * `peer` says that no use can be made of `other`: both get someone else, and never each other again. `accused`: it
   * says that the other one lied or broke the rules.
   */
  fail(peer: string, other: string, accused = false): Notice[] {
    const one = this.#members.get(peer);
    const two = this.#members.get(other);
    if (one === undefined || two === undefined || !one.met.has(two)) return [];
    const notices = new Notices();
    this.#part(one, two);
    if (accused) for (const member of [one, two]) member.disputed = ++member.disputes >= MAX_DISPUTES;
    remember(one.failed, two.peer);
    remember(two.failed, one.peer);
    notices.gone(two.peer, one.peer);
    this.#replace(one, notices);
    this.#replace(two, notices);
    return notices.list();
  }

  /** Where `peer` plays now, and what those it was introduced to gave. What it says of others is not heard. */
  status(peer: string, positionMs: number, uploads: readonly MeasuredUpload[]): Notice[] {
    const member = this.#members.get(peer);
    if (member === undefined) return [];
    member.positionMs = positionMs;
    for (const { peer: name, bytesPerSecond } of uploads) {
      const other = this.#members.get(name);
      if (other !== undefined && member.met.has(other)) noteUplink(other, bytesPerSecond);
    }
    const notices = new Notices();
    this.#fill(member, notices);
    const swap = chooseSwap(member, member.room.withSpareSlot.items, this.#random);
    if (swap === undefined || this.#maxPeers === 0) return notices.list();
    const { lost, found } = swap;
    this.#part(member, lost);
    notices.gone(member.peer, lost.peer);
    notices.gone(lost.peer, member.peer);
    this.#introduce(member, found, notices);
    this.#replace(lost, notices);
    return notices.list();
  }

  /** A smaller number closes nothing that is open; 0 forgets all introductions, since players close them themselves. */
  setMaxPeers(maxPeers: number): Notice[] {
    if (maxPeers === this.#maxPeers) return [];
    this.#maxPeers = maxPeers;
    const notices = new Notices();
    for (const member of this.#members.values()) {
      if (maxPeers === 0) member.met.clear();
      this.#noteSlots(member);
    }
    for (const member of this.#members.values()) this.#fill(member, notices);
    return notices.list();
  }

  introduced(peer: string, other: string): boolean {
    const one = this.#members.get(peer);
    const two = this.#members.get(other);
    return one !== undefined && two !== undefined && one.met.has(two);
  }

  /** Names of those introduced to `peer`. */
  metBy(peer: string): string[] {
    return [...(this.#members.get(peer)?.met ?? [])].map((member) => member.peer);
  }

  /** Number of the room that `peer` is in. */
  roomOf(peer: string): number | undefined {
    return this.#members.get(peer)?.room.number;
  }

  /** The one with most of the same region and network; among equals the smaller. */
  #roomFor(place: Place): Room {
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

  #open(): Room {
    const room = new Room(this.#nextRoom++);
    this.#rooms.push(room);
    return room;
  }

  #divide(room: Room): void {
    const division = divide(room.everyone.items);
    if (division === undefined) return;
    const fresh = this.#open();
    for (const member of division.leaving) this.#move(member, fresh);
    this.#components.onDivided?.(division.by);
  }

  #mergeIfSmall(room: Room): void {
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

  #move(member: Member, to: Room): void {
    member.room.delete(member);
    to.add(member);
    this.#noteSlots(member);
  }

  /** Somebody went: others take the place, even if two of them have to be asked to let go of each other. */
  #replace(member: Member, notices: Notices): void {
    this.#fill(member, notices);
    if (member.failed.size < UNREACHABLE_AFTER) this.#getInBetween(member, notices);
  }

  #fill(member: Member, notices: Notices, maxCost = Number.POSITIVE_INFINITY): void {
    const { items } = member.room.withSpareSlot;
    const options = { maxPeers: this.#maxPeers, maxCost };
    for (const other of choosePeers(member, items, options, this.#random)) {
      this.#introduce(member, other, notices);
    }
  }

  #getInBetween(member: Member, notices: Notices): void {
    if (this.#maxPeers < 2 || member.met.size >= fewestPeers(this.#maxPeers)) return;
    const { items } = member.room.everyone;
    for (const { one, other } of chooseSplits(member, items, this.#maxPeers, this.#random)) {
      this.#part(one, other);
      notices.gone(one.peer, other.peer);
      notices.gone(other.peer, one.peer);
      this.#introduce(member, one, notices);
      this.#introduce(member, other, notices);
    }
  }

  #introduce(offering: Member, waiting: Member, notices: Notices): void {
    offering.met.add(waiting);
    waiting.met.add(offering);
    this.#noteSlots(offering);
    this.#noteSlots(waiting);
    notices.meet(offering.peer, waiting.peer);
  }

  #part(one: Member, other: Member): void {
    one.met.delete(other);
    other.met.delete(one);
    this.#noteSlots(one);
    this.#noteSlots(other);
  }

  #noteSlots(member: Member): void {
    // Who has left is in no room any more.
    if (this.#members.has(member.peer)) member.room.noteSlots(member, this.#maxPeers);
  }
}

function noteUplink(member: Member, bytesPerSecond: number): void {
  const before = member.uploadBytesPerSecond;
  const mixed = before === undefined ? bytesPerSecond : before + NEWEST * (bytesPerSecond - before);
  member.uploadBytesPerSecond = Math.min(mixed, member.declaredBytesPerSecond ?? Number.POSITIVE_INFINITY);
}

function remember(failed: Set<string>, peer: string): void {
  const [oldest] = failed;
  if (failed.size >= MAX_FAILED && oldest !== undefined) failed.delete(oldest);
  failed.add(peer);
}
