import type { PeerIntroduction } from '@eddy/protocol';
import type { Timers } from '../components.js';
import type { Room, RoomEvents } from '../signaling/room.js';

/** Without a picture by then (autoplay is forbidden, say), channels are opened all the same. */
const LONGEST_MS = 1_000;

/**
 * A room whose introductions wait for the first picture. Opening a channel costs both sides some milliseconds of
 * their processors, eight of them at the very moment when the first frames are decoded; and nobody needs a peer before
 * the second segment. Whoever is called by others answers at once: their pictures have begun.
 */
export class PatientRoom implements Room {
  readonly #room: Room;
  readonly #timers: Timers;
  readonly #waiting = new Map<Partial<RoomEvents>, Map<string, PeerIntroduction>>();
  #open = false;
  #cancelTimer: () => void = () => {};

  constructor({ room, timers }: { readonly room: Room; readonly timers: Timers }) {
    this.#room = room;
    this.#timers = timers;
  }

  get state(): Room['state'] {
    return this.#room.state;
  }

  get welcome(): Room['welcome'] {
    return this.#room.welcome;
  }

  send(message: Parameters<Room['send']>[0]): void {
    this.#room.send(message);
  }

  subscribe(events: Partial<RoomEvents>): () => void {
    const unsubscribe = this.#room.subscribe({
      ...events,
      onWelcome: (welcome) => {
        // Names from before it are no use any more.
        this.#waiting.delete(events);
        events.onWelcome?.(welcome);
      },
      onPeers: (change) => {
        const waiting = this.#waiting.get(events);
        for (const peer of change.gone) waiting?.delete(peer);
        const later = this.#open ? [] : change.meet.filter(({ offer }) => offer);
        if (later.length > 0) this.#keep(events, later);
        events.onPeers?.({ ...change, meet: change.meet.filter((peer) => !later.includes(peer)) });
      },
    });
    return () => {
      this.#waiting.delete(events);
      unsubscribe();
    };
  }

  /** The picture has begun. */
  open(): void {
    if (this.#open) return;
    this.#open = true;
    this.#cancelTimer();
    for (const [events, peers] of this.#waiting) {
      events.onPeers?.({ type: 'peers', meet: [...peers.values()], gone: [] });
    }
    this.#waiting.clear();
  }

  close(): void {
    this.#cancelTimer();
    this.#waiting.clear();
  }

  #keep(events: Partial<RoomEvents>, later: readonly PeerIntroduction[]): void {
    const waiting = this.#waiting.get(events) ?? new Map<string, PeerIntroduction>();
    if (this.#waiting.size === 0) this.#cancelTimer = this.#timers.after(LONGEST_MS, () => this.open());
    this.#waiting.set(events, waiting);
    for (const introduction of later) waiting.set(introduction.peer, introduction);
  }
}
