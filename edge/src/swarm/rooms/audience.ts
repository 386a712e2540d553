import type { MeasuredUpload } from '@eddy/protocol';
import type { Random } from '../../components.js';
import {
  chooseForVisitor,
  choosePeers,
  chooseSplits,
  chooseSwap,
  fewestPeers,
  mayMeet,
  usualCost,
} from '../matching/matching.js';
import type { Place } from '../matching/place.js';
import type { DividedBy } from './divide.js';
import { type Notice, Notices } from './notices.js';
import type { Member } from './room.js';
import { RoomList } from './room-list.js';
import { asOpen, type OpenViewer, type Pairing, Visitors } from './visitors.js';

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
/** With fewer viewers here, those of other edges are of use: beyond, what they save is small. */
const THIN = 32;
/** Weight of the newest report about an uplink. */
const NEWEST = 0.3;

export interface AudienceComponents {
  readonly random: Random;
  /** A room became two, or two became one. */
  readonly onDivided?: (by: DividedBy) => void;
  readonly onMerged?: () => void;
  /** Too many pairs with a viewer ended in an accusation. */
  readonly onDisputed?: () => void;
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
  readonly #random: Random;
  readonly #onDisputed: () => void;
  readonly #members = new Map<string, Member>();
  readonly #visitors = new Visitors();
  readonly #rooms: RoomList;
  #maxPeers: number;

  constructor(components: AudienceComponents, options: AudienceOptions) {
    const { random, onDivided, onMerged, onDisputed = () => {} } = components;
    this.#random = random;
    this.#onDisputed = onDisputed;
    this.#maxPeers = options.maxPeers;
    this.#rooms = new RoomList(
      { onDivided, onMerged, onMoved: (member) => this.#noteSlots(member) },
      options,
    );
  }

  get size(): number {
    return this.#members.size;
  }

  /** Viewers of other edges that somebody here has met. */
  get visitorCount(): number {
    return this.#visitors.size;
  }

  get roomCount(): number {
    return this.#rooms.count;
  }

  join({ peer, uploads, place, uploadBytesPerSecond }: Newcomer): Notice[] {
    const notices = new Notices();
    const room = this.#rooms.roomFor(place);
    const member: Member = {
      ...{ peer, uploads, place, met: new Set(), failed: new Set(), room },
      ...{ disputes: 0, disputed: false, held: 0 },
      ...{ positionMs: undefined, uploadBytesPerSecond, declaredBytesPerSecond: uploadBytesPerSecond },
    };
    this.#members.set(peer, member);
    room.add(member);
    this.#rooms.divideIfLarge(room);
    // Whoever happens to have a slot to spare need not be near. In a large room the last slots wait for better.
    const waits = room.size > LARGE_FOR_SLOTS * this.#maxPeers;
    const { everyone } = member.room ?? room;
    this.#fill(member, notices, waits ? usualCost(member, everyone.items, this.#random) : undefined);
    this.#getInBetween(member, notices);
    this.#noteSlots(member);
    return this.#list(notices);
  }

  leave(peer: string): Notice[] {
    const member = this.#members.get(peer);
    if (member === undefined) return [];
    const notices = new Notices();
    const { room } = member;
    if (room === undefined) return [];
    this.#members.delete(peer);
    const left = [...member.met];
    for (const other of left) {
      this.#part(member, other);
      notices.gone(other.peer, peer);
    }
    room.delete(member);
    this.#rooms.mergeIfSmall(room);
    for (const other of left) this.#replace(other, notices);
    return this.#list(notices);
  }

  /**
   * `peer` says that no use can be made of `other`: both get someone else, and never each other again. `accused`: it
   * says that the other one lied or broke the rules.
   */
  fail(peer: string, other: string, accused = false): Notice[] {
    const one = this.#find(peer);
    const two = this.#find(other);
    if (one === undefined || two === undefined || !one.met.has(two)) return [];
    const notices = new Notices();
    this.#part(one, two);
    if (accused) for (const member of [one, two]) this.#dispute(member);
    remember(one.failed, two.peer);
    remember(two.failed, one.peer);
    notices.gone(two.peer, one.peer);
    this.#replace(one, notices);
    this.#replace(two, notices);
    return this.#list(notices);
  }

  #dispute(member: Member): void {
    if (++member.disputes !== MAX_DISPUTES) return;
    member.disputed = true;
    this.#onDisputed();
  }

  /** Where `peer` plays now, and what those it was introduced to gave. What it says of others is not heard. */
  status(peer: string, positionMs: number, uploads: readonly MeasuredUpload[]): Notice[] {
    const member = this.#members.get(peer);
    if (member === undefined) return [];
    member.positionMs = positionMs;
    for (const { peer: name, bytesPerSecond } of uploads) {
      const other = this.#find(name);
      if (other !== undefined && member.met.has(other)) noteUplink(other, bytesPerSecond);
    }
    const notices = new Notices();
    this.#fill(member, notices);
    const swap = chooseSwap(member, member.room?.withSpareSlot.items ?? [], this.#random);
    if (swap === undefined || this.#maxPeers === 0) return this.#list(notices);
    const { lost, found } = swap;
    this.#part(member, lost);
    notices.gone(member.peer, lost.peer);
    notices.gone(lost.peer, member.peer);
    this.#introduce(member, found, notices);
    this.#replace(lost, notices);
    return this.#list(notices);
  }

  /** A smaller number closes nothing that is open; 0 forgets all introductions, since players close them themselves. */
  setMaxPeers(maxPeers: number): Notice[] {
    if (maxPeers === this.#maxPeers) return [];
    this.#maxPeers = maxPeers;
    const notices = new Notices();
    if (maxPeers === 0) this.#visitors.clear();
    for (const member of this.#members.values()) {
      if (maxPeers === 0) member.met.clear();
      this.#noteSlots(member);
    }
    for (const member of this.#members.values()) this.#fill(member, notices);
    return this.#list(notices);
  }

  introduced(peer: string, other: string): boolean {
    const one = this.#find(peer);
    const two = this.#find(other);
    return one !== undefined && two !== undefined && one.met.has(two);
  }

  /** Names of those introduced to `peer`. */
  metBy(peer: string): string[] {
    return [...(this.#find(peer)?.met ?? [])].map((member) => member.peer);
  }

  /** Number of the room that `peer` is in. */
  roomOf(peer: string): number | undefined {
    return this.#members.get(peer)?.room?.number;
  }

  /** Of whom another edge said that it is there; undefined: it is here, or nobody has met it. */
  homeOf(peer: string): string | undefined {
    return this.#visitors.get(peer)?.home;
  }

  /** Those here who would meet viewers of other edges, the loneliest first. None where enough are here. */
  open(most: number): OpenViewer[] {
    if (this.size >= THIN || this.#maxPeers === 0) return [];
    return [...this.#members.values()]
      .filter((member) => !member.disputed && this.#slots(member) > 0)
      .sort((one, other) => one.met.size - other.met.size)
      .slice(0, most)
      .map((member) => asOpen(member, this.#slots(member)));
  }

  /** One here, as other edges are told of it. */
  describe(peer: string): OpenViewer | undefined {
    const member = this.#members.get(peer);
    return member === undefined ? undefined : asOpen(member, this.#slots(member));
  }

  /** Whom of ours they should meet. Slots are kept for them until `settle`. */
  propose(visitors: readonly OpenViewer[], home: string): Pairing[] {
    if (this.#maxPeers === 0 || this.size === 0) return [];
    return visitors.flatMap((open) => {
      const visitor = this.#visitors.look(open, home);
      if (visitor === undefined || this.#members.has(open.peer)) return [];
      const { withSpareSlot, everyone } = this.#rooms.roomFor(open.place);
      const here = { withSpareSlot: withSpareSlot.items, everyone: everyone.items };
      const wanted = { slots: open.slots, peers: open.peers, maxPeers: this.#maxPeers };
      return chooseForVisitor(visitor, here, wanted, this.#random).map((offer) => {
        this.#hold(offer.here, 1);
        return { here: offer.here.peer, there: open.peer, insteadOf: offer.insteadOf?.peer };
      });
    });
  }

  /** What became of pairs that were proposed: those of `agreed` meet, the other one waits for our signal. */
  settle(
    pairings: readonly Pairing[],
    agreed: ReadonlyMap<Pairing, OpenViewer>,
    home: string,
  ): { readonly notices: Notice[]; readonly met: readonly Pairing[] } {
    const notices = new Notices();
    const met: Pairing[] = [];
    for (const pairing of pairings) {
      const member = this.#members.get(pairing.here);
      if (member === undefined) continue;
      this.#hold(member, -1);
      const open = agreed.get(pairing);
      const visitor = open === undefined ? undefined : this.#visitors.look(open, home);
      if (visitor === undefined || !mayMeet(member, visitor)) continue;
      const given = pairing.insteadOf === undefined ? undefined : this.#members.get(pairing.insteadOf);
      if (given !== undefined && member.met.has(given)) {
        this.#part(member, given);
        notices.gone(member.peer, given.peer);
        notices.gone(given.peer, member.peer);
      }
      if (this.#slots(member) <= 0 || !this.#visitors.keep(visitor)) continue;
      this.#introduce(member, visitor, notices);
      met.push(pairing);
    }
    for (const { here, insteadOf } of pairings) {
      const member = insteadOf === undefined ? undefined : this.#members.get(here);
      if (member !== undefined) this.#replace(member, notices);
    }
    return { notices: this.#list(notices), met };
  }

  /** Another edge offers one of its viewers to one here. Undefined: not now. */
  agree(here: string, open: OpenViewer, home: string): Notice[] | undefined {
    const member = this.#members.get(here);
    const visitor = this.#visitors.look(open, home);
    if (member === undefined || visitor === undefined || this.#members.has(open.peer)) return undefined;
    if (this.#slots(member) <= 0 || !mayMeet(member, visitor)) return undefined;
    if (!this.#visitors.keep(visitor)) return undefined;
    const notices = new Notices();
    this.#introduce(visitor, member, notices);
    return this.#list(notices);
  }

  /** The other edge says that the two have parted. */
  part(here: string, there: string): Notice[] {
    const member = this.#members.get(here);
    const visitor = this.#visitors.get(there);
    if (member === undefined || visitor === undefined || !member.met.has(visitor)) return [];
    const notices = new Notices();
    this.#part(member, visitor);
    notices.gone(member.peer, there);
    this.#replace(member, notices);
    return this.#list(notices);
  }

  /** Edges are gone, and their viewers with them. */
  keepHomes(isThere: (home: string) => boolean): Notice[] {
    const notices = new Notices();
    for (const visitor of this.#visitors.notAt(isThere)) {
      const left = [...visitor.met];
      for (const member of left) {
        this.#part(member, visitor);
        notices.gone(member.peer, visitor.peer);
      }
      for (const member of left) this.#replace(member, notices);
    }
    return this.#list(notices);
  }

  #list(notices: Notices): Notice[] {
    const list = notices.list().map((notice) => ({ ...notice, home: this.homeOf(notice.to) }));
    this.#visitors.tidy();
    return list;
  }

  #find(peer: string): Member | undefined {
    return this.#members.get(peer) ?? this.#visitors.get(peer);
  }

  #slots(member: Member): number {
    return this.#maxPeers - member.met.size - member.held;
  }

  #hold(member: Member, count: 1 | -1): void {
    member.held = Math.max(0, member.held + count);
    this.#noteSlots(member);
  }

  /** Somebody went: others take the place, even if two of them have to be asked to let go of each other. */
  #replace(member: Member, notices: Notices): void {
    // That is its own edge's to do.
    if (member.room === undefined) return;
    this.#fill(member, notices);
    if (member.failed.size < UNREACHABLE_AFTER) this.#getInBetween(member, notices);
  }

  #fill(member: Member, notices: Notices, maxCost = Number.POSITIVE_INFINITY): void {
    const items = member.room?.withSpareSlot.items ?? [];
    const options = { maxPeers: this.#maxPeers - member.held, maxCost };
    for (const other of choosePeers(member, items, options, this.#random)) {
      this.#introduce(member, other, notices);
    }
  }

  #getInBetween(member: Member, notices: Notices): void {
    if (this.#maxPeers < 2 || member.met.size >= fewestPeers(this.#maxPeers)) return;
    const items = member.room?.everyone.items ?? [];
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
    for (const member of [one, other]) if (member.home !== undefined) this.#visitors.noteParted(member);
  }

  #noteSlots(member: Member): void {
    // Who has left is in no room any more.
    if (this.#members.has(member.peer)) member.room?.noteSlots(member, this.#maxPeers);
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
