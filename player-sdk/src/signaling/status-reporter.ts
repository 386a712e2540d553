import { MAX_PEERS_LISTED, type MeasuredUpload, STATUS_EVERY_MS } from '@eddy/protocol';
import type { Timers, Unsubscribe } from '../components.js';
import type { Swarm } from '../swarm/swarm.js';
import type { Room } from './room.js';

export interface StatusComponents {
  readonly timers: Timers;
  readonly room: Room;
  readonly swarm: Pick<Swarm, 'peers'>;
  /** Where it plays; undefined: nowhere yet. */
  readonly positionMs: () => number | undefined;
}

/** Tells the edge where this player is in the stream and what others give, so that it is introduced to who fits. */
export class StatusReporter {
  readonly #components: StatusComponents;
  readonly #unsubscribe: Unsubscribe;
  #cancel: () => void = () => {};

  constructor(components: StatusComponents) {
    this.#components = components;
    this.#unsubscribe = components.room.subscribe({
      onState: (state) => (state === 'joined' ? this.#next() : this.#cancel()),
    });
  }

  close(): void {
    this.#unsubscribe();
    this.#cancel();
  }

  #next(): void {
    this.#cancel();
    this.#cancel = this.#components.timers.after(STATUS_EVERY_MS, () => {
      this.#tell();
      this.#next();
    });
  }

  #tell(): void {
    const { room, swarm } = this.#components;
    const positionMs = this.#components.positionMs();
    if (positionMs === undefined || !Number.isFinite(positionMs)) return;
    const uploads = swarm.peers().flatMap(({ id, bytesPerSecond }): MeasuredUpload[] => {
      return bytesPerSecond === undefined ? [] : [{ peer: id, bytesPerSecond: Math.round(bytesPerSecond) }];
    });
    room.send({
      type: 'status',
      positionMs: Math.max(0, Math.round(positionMs)),
      uploads: uploads.slice(0, MAX_PEERS_LISTED),
    });
  }
}
