import type { Random } from '../../components.js';
import { choosePeers, chooseSplits, fewestPeers, type Viewer } from '../matching/matching.js';
import { SampledSet } from '../matching/sample.js';
import { type Notice, Notices } from './notices.js';

/** Failed pairs remembered for each viewer; the oldest are forgotten. */
const MAX_FAILED = 256;

interface Member extends Viewer {
  readonly met: Set<Member>;
  readonly failed: Set<string>;
}

export interface RoomOptions {
  /** Most peers of a viewer; 0 while nobody is to be introduced. */
  readonly maxPeers: number;
}

/** Viewers of one presentation, and who was introduced to whom. Knows nothing of sockets: every change gives notices. */
export class Room {
  readonly #random: Random;
  readonly #members = new Map<string, Member>();
  readonly #everyone = new SampledSet<Member>();
  readonly #withSpareSlot = new SampledSet<Member>();
  #maxPeers: number;

  constructor(components: { readonly random: Random }, options: RoomOptions) {
    this.#random = components.random;
    this.#maxPeers = options.maxPeers;
  }

  get size(): number {
    return this.#members.size;
  }

  join(peer: string, uploads: boolean): Notice[] {
    const notices = new Notices();
    const member: Member = { peer, uploads, met: new Set(), failed: new Set() };
    this.#members.set(peer, member);
    this.#everyone.add(member);
    this.#fill(member, notices);
    this.#getInBetween(member, notices);
    this.#noteSlots(member);
    return notices.list();
  }

  leave(peer: string): Notice[] {
    const member = this.#members.get(peer);
    if (member === undefined) return [];
    const notices = new Notices();
    this.#members.delete(peer);
    this.#everyone.delete(member);
    this.#withSpareSlot.delete(member);
    const left = [...member.met];
    for (const other of left) {
      this.#part(member, other);
      notices.gone(other.peer, peer);
    }
    this.#withSpareSlot.delete(member);
    for (const other of left) this.#fill(other, notices);
    return notices.list();
  }

  /** `peer` says that no use can be made of `other`: both get someone else, and never each other again. */
  fail(peer: string, other: string): Notice[] {
    const one = this.#members.get(peer);
    const two = this.#members.get(other);
    if (one === undefined || two === undefined || !one.met.has(two)) return [];
    const notices = new Notices();
    this.#part(one, two);
    remember(one.failed, two.peer);
    remember(two.failed, one.peer);
    notices.gone(two.peer, one.peer);
    this.#fill(one, notices);
    this.#fill(two, notices);
    return notices.list();
  }

  /** A smaller number closes nothing that is open; 0 forgets all introductions, since players close them themselves. */
  setMaxPeers(maxPeers: number): Notice[] {
    if (maxPeers === this.#maxPeers) return [];
    this.#maxPeers = maxPeers;
    const notices = new Notices();
    for (const member of this.#everyone.items) {
      if (maxPeers === 0) member.met.clear();
      this.#noteSlots(member);
    }
    for (const member of [...this.#everyone.items]) this.#fill(member, notices);
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

  #fill(member: Member, notices: Notices): void {
    for (const other of choosePeers(member, this.#withSpareSlot.items, this.#maxPeers, this.#random)) {
      this.#introduce(member, other, notices);
    }
  }

  #getInBetween(newcomer: Member, notices: Notices): void {
    if (this.#maxPeers < 2 || newcomer.met.size >= fewestPeers(this.#maxPeers)) return;
    for (const { one, other } of chooseSplits(newcomer, this.#everyone.items, this.#maxPeers, this.#random)) {
      this.#part(one, other);
      notices.gone(one.peer, other.peer);
      notices.gone(other.peer, one.peer);
      this.#introduce(newcomer, one, notices);
      this.#introduce(newcomer, other, notices);
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
    if (member.met.size < this.#maxPeers) this.#withSpareSlot.add(member);
    else this.#withSpareSlot.delete(member);
  }
}

function remember(failed: Set<string>, peer: string): void {
  const [oldest] = failed;
  if (failed.size >= MAX_FAILED && oldest !== undefined) failed.delete(oldest);
  failed.add(peer);
}
