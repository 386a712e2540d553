import type { EdgeMessage } from '@eddy/protocol';
import type { Bus } from '../../bus/bus.js';
import { Listeners } from '../../bus/listeners.js';
import { LocalHub } from '../../bus/local-bus.js';
import { systemClock } from '../../components.js';
import { HeldTimers } from '../../held-timers.js';
import { DEFAULT_SWARM_CONFIG, type SwarmServiceConfig } from '../config.js';
import { Federation, type Homes } from '../federation/federation.js';
import type { FederatedRooms } from '../federation/outside.js';
import type { FederationWord } from '../federation/words.js';
import { MeetingPlace } from '../meeting-place.js';
import { JOIN } from './swarm-fixture.js';

/** Several edges on one bus, without sockets, in a time that the test moves. */
export class Nodes {
  readonly hub: LocalHub = new LocalHub({ clock: systemClock });
  readonly all: Node[] = [];
  /** How often each word was heard or said, by any. */
  readonly words: Map<string, number> = new Map();
  garbled = 0;
  nowMs = 0;
  readonly #config: SwarmServiceConfig;
  readonly #random: () => number;
  readonly #alive = new Set<string>();
  readonly #changes = new Listeners<[]>();
  #names = 0;

  constructor(config: Partial<SwarmServiceConfig> = {}, random: () => number = Math.random) {
    this.#config = { ...DEFAULT_SWARM_CONFIG, ...config };
    this.#random = random;
  }

  add(): Node {
    const instance = `instance-${this.all.length}`;
    const homes: Homes = {
      isHere: (other) => other !== instance && this.#alive.has(other),
      onChange: (listener) => this.#changes.add(listener),
    };
    const timers = new HeldTimers();
    const bus = this.hub.connect();
    const clock = { now: () => this.nowMs };
    let rooms: FederatedRooms | undefined;
    const place = new MeetingPlace(
      {
        ...{ timers, clock, random: this.#random },
        digests: { find: () => undefined, onKnown: () => () => {} },
        newName: () => `viewer-${this.#names++}`,
        federate: (own) => {
          rooms = own;
          return new Federation({
            ...{ bus, homes, instance, clock, timers, rooms: own },
            onWord: (direction, type) => this.#count(direction, type),
            onGarbled: () => this.garbled++,
          });
        },
      },
      this.#config,
    );
    if (rooms === undefined) throw new Error('nothing was federated');
    const node = new Node({ instance, place, bus, timers, rooms });
    this.all.push(node);
    this.#alive.add(instance);
    this.#changes.tell();
    return node;
  }

  /** It is gone without a word to anybody. */
  async kill(node: Node): Promise<void> {
    this.#alive.delete(node.instance);
    this.all.splice(this.all.indexOf(node), 1);
    await node.bus.close();
    this.#changes.tell();
    await settled();
  }

  /** Time goes by in ticks, and what is said in each is heard. */
  async pass(ms: number): Promise<void> {
    for (let passed = 0; passed < ms; passed += 250) {
      this.nowMs += 250;
      for (const { timers } of this.all) timers.fire(250);
      await settled();
    }
  }

  said(type: FederationWord['type']): number {
    return this.words.get(`said ${type}`) ?? 0;
  }

  #count(direction: string, type: string): void {
    const key = `${direction} ${type}`;
    this.words.set(key, (this.words.get(key) ?? 0) + 1);
  }
}

/** Everything that was said so far has been heard, and what it led to. */
export async function settled(): Promise<void> {
  for (let turn = 0; turn < 4; turn++) await new Promise<void>((resolve) => setImmediate(resolve));
}

/** One edge. */
export class Node {
  readonly instance: string;
  readonly place: MeetingPlace;
  readonly bus: Bus;
  readonly timers: HeldTimers;
  readonly rooms: FederatedRooms;

  constructor(parts: Pick<Node, 'instance' | 'place' | 'bus' | 'timers' | 'rooms'>) {
    this.instance = parts.instance;
    this.place = parts.place;
    this.bus = parts.bus;
    this.timers = parts.timers;
    this.rooms = parts.rooms;
  }

  join(presentation = '/v/main.m3u8'): Watcher {
    return new Watcher(this, presentation);
  }
}

/** A viewer, and whom it has been told to meet. */
export class Watcher {
  readonly node: Node;
  readonly heard: EdgeMessage[] = [];
  /** By name; whether it opens the channel. */
  readonly peers: Map<string, boolean> = new Map();
  readonly expelled: string[] = [];
  readonly signals: string[] = [];
  name = '';
  probes = 0;
  readonly #guest: { hear(text: string): void; end(): void };

  constructor(node: Node, presentation: string) {
    this.node = node;
    this.#guest = node.place.enter(
      { tell: (message) => this.#note(message), push: () => {}, probe: () => this.probes++ },
      'video.example',
      (error) => this.heard.push(error),
    );
    this.say({ ...JOIN, presentation, session: `session ${presentation}` });
  }

  say(message: unknown): void {
    this.#guest.hear(JSON.stringify(message));
  }

  /** It has given the other one up itself. */
  fail(peer: string, reason: 'unreachable' | 'lost' | 'misbehaved'): void {
    this.peers.delete(peer);
    this.say({ type: 'peer-failed', peer, reason });
  }

  /** Without a word. */
  end(): void {
    this.#guest.end();
  }

  #note(message: EdgeMessage): void {
    this.heard.push(message);
    if (message.type === 'welcome') this.name = message.peer;
    else if (message.type === 'signal') this.signals.push(`${message.from}: ${message.payload}`);
    else if (message.type === 'peers') {
      for (const peer of message.gone) this.peers.delete(peer);
      for (const { peer, offer } of message.meet) this.peers.set(peer, offer);
      this.expelled.push(...(message.expelled ?? []));
    }
  }
}
