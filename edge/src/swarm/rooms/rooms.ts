import type { Random } from '../../components.js';
import type { Notice } from './notices.js';
import { Room } from './room.js';

/** All rooms by name. A room exists while somebody is in it. */
export class Rooms {
  readonly #random: Random;
  readonly #rooms = new Map<string, Room>();
  #maxPeers: number;

  constructor(components: { readonly random: Random }, options: { readonly maxPeers: number }) {
    this.#random = components.random;
    this.#maxPeers = options.maxPeers;
  }

  get count(): number {
    return this.#rooms.size;
  }

  join(name: string, peer: string, uploads: boolean): Notice[] {
    const known = this.#rooms.get(name);
    const room = known ?? new Room({ random: this.#random }, { maxPeers: this.#maxPeers });
    if (known === undefined) this.#rooms.set(name, room);
    return room.join(peer, uploads);
  }

  leave(name: string, peer: string): Notice[] {
    const room = this.#rooms.get(name);
    const notices = room?.leave(peer) ?? [];
    if (room?.size === 0) this.#rooms.delete(name);
    return notices;
  }

  fail(name: string, peer: string, other: string): Notice[] {
    return this.#rooms.get(name)?.fail(peer, other) ?? [];
  }

  introduced(name: string, peer: string, other: string): boolean {
    return this.#rooms.get(name)?.introduced(peer, other) ?? false;
  }

  setMaxPeers(maxPeers: number): Notice[] {
    this.#maxPeers = maxPeers;
    return [...this.#rooms.values()].flatMap((room) => room.setMaxPeers(maxPeers));
  }
}
