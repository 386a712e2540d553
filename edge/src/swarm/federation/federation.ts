import { createHash } from 'node:crypto';
import type { PeerFailed, PeersChanged } from '@eddy/protocol';
import type { Bus } from '../../bus/bus.js';
import type { Clock, Timers, Unsubscribe } from '../../components.js';
import type { OpenViewer, Pairing } from '../rooms/visitors.js';
import { TokenBucket } from '../sockets/token-bucket.js';
import type { FederatedRooms, Outside } from './outside.js';
import {
  decodeWord,
  encodeWord,
  type FederationWord,
  MAX_OPEN,
  type OpenWord,
  type PairWord,
} from './words.js';

/** Which edges are there. */
export interface Homes {
  /** By the name of its run. */
  isHere(instance: string): boolean;
  onChange(listener: () => void): Unsubscribe;
}

export interface FederationComponents {
  readonly bus: Bus;
  readonly homes: Homes;
  readonly instance: string;
  /** Monotonic. */
  readonly clock: Clock;
  readonly timers: Timers;
  readonly rooms: FederatedRooms;
  readonly onWord?: (direction: 'said' | 'heard', type: FederationWord['type']) => void;
  readonly onGarbled?: () => void;
}

/** Changes of a room are told together. */
const TICK_MS = 250;
/** Rooms that are told of in a tick: 100 a second, whatever happens; the others have their turn later. */
const ROOMS_A_TICK = 25;
/** What was not heard is said again, as long as it holds. */
const AGAIN_MS = 30_000;
/** An offer without an answer by then is void. */
const ANSWER_MS = 5_000;
/** Words about rooms that are listened to; what is more will be said again. */
const OPEN_WORDS = { capacity: 200, perSecond: 100 };

interface Pair {
  readonly from: string;
  readonly to: string;
}

interface Told {
  readonly key: string;
  readonly stop: Unsubscribe;
  isDirty: boolean;
  /** What was said last, and when. */
  said: string;
  saidAtMs: number;
}

interface Offered {
  readonly room: string;
  readonly pairing: Pairing;
  readonly viewer: OpenViewer;
  readonly home: string;
  readonly atMs: number;
}

/**
 * Lets viewers of one presentation meet who are connected to different edges. An edge with few viewers in a room says
 * which of them would meet others; edges that have some offer them; what is agreed is told to both. Only such rooms and
 * such pairs are spoken of, so the traffic is bounded by small rooms, not by viewers.
 */
export class Federation implements Outside {
  readonly #components: FederationComponents;
  readonly #told = new Map<string, Told>();
  readonly #names = new Map<string, string>();
  readonly #offered = new Map<string, Offered>();
  readonly #stops: Unsubscribe[];
  readonly #listening: TokenBucket;
  #cancelTick: () => void;

  constructor(components: FederationComponents) {
    const { bus, homes, instance, clock } = components;
    this.#components = components;
    this.#listening = new TokenBucket(OPEN_WORDS, clock.now());
    const allDirty = (): void => {
      for (const told of this.#told.values()) Object.assign(told, { isDirty: true, said: '' });
    };
    this.#stops = [
      bus.subscribe(`swarm.to.${instance}`, (data) => this.#hear(data)),
      bus.onConnected((connected) => {
        if (connected) allDirty();
      }),
      homes.onChange(() => {
        components.rooms.keepHomes((home) => homes.isHere(home));
        allDirty();
      }),
    ];
    this.#cancelTick = this.#nextTick();
  }

  changed(room: string): void {
    const told = this.#told.get(room);
    if (this.#components.rooms.has(room)) {
      if (told === undefined) this.#listenTo(room);
      else told.isDirty = true;
    } else if (told !== undefined) {
      told.stop();
      this.#told.delete(room);
      this.#names.delete(told.key);
    }
  }

  tell(room: string, home: string, to: string, { gone, expelled = [] }: PeersChanged): void {
    const out = new Set(expelled);
    for (const peer of new Set([...gone, ...expelled])) {
      this.#sayTo(room, home, { type: 'part', to, peer, expelled: out.has(peer) });
    }
  }

  signal(room: string, home: string, { from, to }: Pair, payload: string): void {
    this.#sayTo(room, home, { type: 'signal', to, peer: from, payload });
  }

  failed(room: string, home: string, { from, to }: Pair, reason: PeerFailed['reason']): void {
    this.#sayTo(room, home, { type: 'fail', to, peer: from, accused: reason === 'misbehaved' });
  }

  close(): void {
    this.#cancelTick();
    for (const stop of this.#stops) stop();
    for (const { stop } of this.#told.values()) stop();
    this.#told.clear();
  }

  #listenTo(room: string): void {
    const key = keyOfRoom(room);
    const stop = this.#components.bus.subscribe(`swarm.room.${key}`, (data) => this.#hear(data));
    this.#names.set(key, room);
    this.#told.set(room, { key, stop, isDirty: true, said: '', saidAtMs: Number.NEGATIVE_INFINITY });
  }

  #nextTick(): () => void {
    return this.#components.timers.after(TICK_MS, () => {
      this.#cancelTick = this.#nextTick();
      this.#expire();
      this.#announce();
    });
  }

  #announce(): void {
    const { rooms, bus, instance, clock, onWord } = this.#components;
    const nowMs = clock.now();
    let left = bus.connected ? ROOMS_A_TICK : 0;
    for (const [room, told] of [...this.#told]) {
      if (left === 0) return;
      const isDue = nowMs - told.saidAtMs >= AGAIN_MS;
      if (!told.isDirty && !isDue) continue;
      told.isDirty = false;
      const viewers = rooms.open(room, MAX_OPEN);
      const said = viewers.map(({ peer, slots }) => `${peer} ${slots}`).join();
      if (said === '' || (said === told.said && !isDue)) {
        if (isDue) told.saidAtMs = nowMs;
        continue;
      }
      left--;
      Object.assign(told, { said, saidAtMs: nowMs });
      // Behind those that have not had their turn.
      this.#told.delete(room);
      this.#told.set(room, told);
      const word: OpenWord = { type: 'open', from: instance, room: told.key, viewers };
      if (bus.publish(`swarm.room.${told.key}`, encodeWord(word))) onWord?.('said', 'open');
    }
  }

  #hear(data: Uint8Array): void {
    const { homes, instance, onWord, onGarbled } = this.#components;
    const word = decodeWord(data);
    if (word === undefined) {
      onGarbled?.();
      return;
    }
    const room = this.#names.get(word.room);
    // An edge that is not known yet says it again once it is.
    if (word.from === instance || room === undefined || !homes.isHere(word.from)) return;
    onWord?.('heard', word.type);
    this.#act(room, word);
  }

  #act(room: string, word: FederationWord): void {
    const { rooms, clock } = this.#components;
    const { from } = word;
    switch (word.type) {
      case 'open':
        if (this.#listening.take(1, clock.now())) this.#offer(room, word);
        return;
      case 'offer': {
        const pairs = word.pairs.map(({ to, viewer }) => ({
          ...{ to: viewer.peer, peer: to },
          agreed: this.#answer(room, to, viewer, from),
        }));
        this.#sayTo(room, from, { type: 'answer', pairs });
        return;
      }
      case 'answer':
        this.#settle(room, from, word.pairs);
        return;
      default:
        if (rooms.homeOf(room, word.peer) !== from) return;
        if (word.type === 'signal') rooms.signal(room, word.to, word.peer, word.payload);
        else if (word.type === 'part') rooms.part(room, word.to, word.peer, word.expelled);
        else rooms.fail(room, word.to, word.peer, word.accused);
    }
  }

  #offer(room: string, { from, viewers }: OpenWord): void {
    const { rooms, clock } = this.#components;
    const waiting = new Set([...this.#offered.values()].map(({ pairing }) => pairing.there));
    const asked = viewers.filter(({ peer }) => !waiting.has(peer));
    const byPeer = new Map(asked.map((viewer) => [viewer.peer, viewer]));
    const pairings = rooms.propose(room, asked, from);
    const pairs: { to: string; viewer: OpenViewer }[] = [];
    for (const pairing of pairings) {
      const own = rooms.describe(room, pairing.here);
      const viewer = byPeer.get(pairing.there);
      if (own === undefined || viewer === undefined) continue;
      this.#offered.set(keyOf(room, pairing.here, pairing.there), {
        ...{ room, pairing, viewer, home: from },
        atMs: clock.now(),
      });
      pairs.push({ to: pairing.there, viewer: own });
    }
    if (pairs.length > 0) this.#sayTo(room, from, { type: 'offer', pairs });
  }

  /** Two edges that offer each other the same pair: the offer of the one whose name comes first counts. */
  #answer(room: string, here: string, visitor: OpenViewer, from: string): boolean {
    const key = keyOf(room, here, visitor.peer);
    const own = this.#offered.get(key);
    if (own !== undefined) {
      if (this.#components.instance < from) return false;
      this.#offered.delete(key);
      this.#components.rooms.settle(room, [own.pairing], new Map(), from);
    }
    return this.#components.rooms.agree(room, here, visitor, from);
  }

  #settle(
    room: string,
    from: string,
    pairs: readonly { readonly to: string; readonly peer: string; readonly agreed: boolean }[],
  ): void {
    const pairings: Pairing[] = [];
    const agreed = new Map<Pairing, OpenViewer>();
    const met = new Set<string>();
    for (const pair of pairs) {
      const key = keyOf(room, pair.to, pair.peer);
      const offered = this.#offered.get(key);
      if (offered === undefined || offered.home !== from) continue;
      this.#offered.delete(key);
      pairings.push(offered.pairing);
      if (pair.agreed) agreed.set(offered.pairing, offered.viewer);
    }
    for (const { here, there } of this.#components.rooms.settle(room, pairings, agreed, from)) {
      met.add(keyOf(room, here, there));
    }
    // It came too late, or somebody left meanwhile: the other one waits in vain.
    for (const { to, peer, agreed: isAgreed } of pairs) {
      if (!isAgreed || met.has(keyOf(room, to, peer))) continue;
      this.#sayTo(room, from, { type: 'part', to: peer, peer: to, expelled: false });
    }
  }

  #expire(): void {
    const { rooms, clock } = this.#components;
    const sinceMs = clock.now() - ANSWER_MS;
    for (const [key, { room, pairing, home, atMs }] of this.#offered) {
      if (atMs > sinceMs) continue;
      this.#offered.delete(key);
      rooms.settle(room, [pairing], new Map(), home);
    }
  }

  #sayTo(room: string, home: string, word: PairWord): void {
    const { bus, instance, onWord } = this.#components;
    const key = this.#told.get(room)?.key ?? keyOfRoom(room);
    const said = bus.publish(`swarm.to.${home}`, encodeWord({ ...word, from: instance, room: key }));
    if (said) onWord?.('said', word.type);
  }
}

/** Others need not learn what is watched here, only whether they have the same. */
export function keyOfRoom(room: string): string {
  return createHash('sha256').update(room).digest('base64url').slice(0, 22);
}

function keyOf(room: string, here: string, there: string): string {
  return `${room}\n${here}\n${there}`;
}
