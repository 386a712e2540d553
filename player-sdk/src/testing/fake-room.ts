import { type PlayerMessage, PROTOCOL_VERSION, type SwarmConfig, type Welcome } from '@eddy/protocol';
import type { Unsubscribe } from '../components.js';
import type { Room, RoomEvents, RoomState } from '../signaling/room.js';

/** A room that says what a test makes it say, and remembers what it was told. */
export class FakeRoom implements Room {
  state: RoomState = 'connecting';
  welcome: Welcome | undefined;
  readonly sent: PlayerMessage[] = [];
  /** Called for each message, after it was remembered. */
  onSent: (message: PlayerMessage) => void = () => {};
  readonly #listeners = new Set<Partial<RoomEvents>>();

  send(message: PlayerMessage): void {
    this.sent.push(message);
    this.onSent(message);
  }

  subscribe(events: Partial<RoomEvents>): Unsubscribe {
    this.#listeners.add(events);
    return () => this.#listeners.delete(events);
  }

  /** @example room.tell((events) => events.onConfig?.(config)) */
  tell(say: (events: Partial<RoomEvents>) => void): void {
    for (const events of [...this.#listeners]) say(events);
  }

  admit(peer: string, config: Partial<SwarmConfig> = {}): void {
    this.state = 'joined';
    this.welcome = {
      type: 'welcome',
      version: PROTOCOL_VERSION,
      peer,
      room: 'site/video',
      arm: 'treated',
      config: { mode: 'on', maxPeers: 8, uploadBytesPerSecond: 0, ...config },
      iceServers: [],
    };
    const welcome = this.welcome;
    this.tell((events) => events.onWelcome?.(welcome));
  }
}

/** A room that several players share: it carries their signals, and introduces whom the test says. */
export class FakeEdge {
  readonly #rooms = new Map<string, FakeRoom>();

  join(peer: string, config: Partial<SwarmConfig> = {}): FakeRoom {
    const room = new FakeRoom();
    room.onSent = (message) => {
      if (message.type !== 'signal') return;
      const { to, payload } = message;
      this.#rooms.get(to)?.tell((events) => events.onSignal?.({ type: 'signal', from: peer, payload }));
    };
    this.#rooms.set(peer, room);
    room.admit(peer, config);
    return room;
  }

  /** The first offers. */
  introduce(one: string, other: string): void {
    const introduce = (to: string, peer: string, offer: boolean): void =>
      this.#rooms
        .get(to)
        ?.tell((events) => events.onPeers?.({ type: 'peers', meet: [{ peer, offer }], gone: [] }));
    introduce(one, other, true);
    introduce(other, one, false);
  }

  remove(peer: string): void {
    this.#rooms.delete(peer);
    for (const room of this.#rooms.values()) {
      room.tell((events) => events.onPeers?.({ type: 'peers', meet: [], gone: [peer] }));
    }
  }
}
