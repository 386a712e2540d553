import { SWARM_MODES, type SwarmConfig, type SwarmMode } from '@eddy/protocol';
import type { Room, RoomEvents } from '../signaling/room.js';

export interface RoomLimits {
  readonly maxPeers: number;
  /** 0: none. */
  readonly uploadBytesPerSecond: number;
  /** What page, device and viewer allow now at most. */
  readonly mode: () => SwarmMode;
}

/** A room whose site allows no more than page, device and viewer do. */
export class LimitedRoom implements Room {
  readonly #room: Room;
  readonly #limits: RoomLimits;
  readonly #listeners = new Set<Partial<RoomEvents>>();
  /** The site's newest word. */
  #config: SwarmConfig | undefined;
  #told: SwarmMode | undefined;

  constructor(room: Room, limits: RoomLimits) {
    this.#room = room;
    this.#limits = limits;
    room.subscribe({
      onWelcome: ({ config }) => this.#note(config),
      onConfig: (config) => this.#note(config),
    });
  }

  get state(): Room['state'] {
    return this.#room.state;
  }

  get welcome(): Room['welcome'] {
    const { welcome } = this.#room;
    return welcome && { ...welcome, config: this.#limit(welcome.config) };
  }

  send(message: Parameters<Room['send']>[0]): void {
    this.#room.send(message);
  }

  subscribe(events: Partial<RoomEvents>): () => void {
    this.#listeners.add(events);
    const unsubscribe = this.#room.subscribe({
      ...events,
      onWelcome: (welcome) => events.onWelcome?.({ ...welcome, config: this.#limit(welcome.config) }),
      onConfig: (config) => events.onConfig?.(this.#limit(config)),
    });
    return () => {
      this.#listeners.delete(events);
      unsubscribe();
    };
  }

  /** `mode` may say something else now: who listens is told, if it makes a difference. */
  refresh(): void {
    if (this.#config === undefined) return;
    const limited = this.#limit(this.#config);
    if (limited.mode === this.#told) return;
    this.#told = limited.mode;
    for (const events of [...this.#listeners]) events.onConfig?.(limited);
  }

  /** Before anybody else hears of it. */
  #note(config: SwarmConfig): void {
    this.#config = config;
    this.#told = this.#limit(config).mode;
  }

  #limit(config: SwarmConfig): SwarmConfig {
    const { maxPeers, uploadBytesPerSecond, mode } = this.#limits;
    return {
      ...config,
      mode: stricter(config.mode, mode()),
      maxPeers: Math.min(config.maxPeers, maxPeers),
      uploadBytesPerSecond: lower(config.uploadBytesPerSecond, uploadBytesPerSecond),
    };
  }
}

function stricter(one: SwarmMode, other: SwarmMode): SwarmMode {
  return SWARM_MODES.indexOf(one) > SWARM_MODES.indexOf(other) ? one : other;
}

/** Of two caps, of which 0 is none. */
function lower(one: number, other: number): number {
  if (one === 0 || other === 0) return one + other;
  return Math.min(one, other);
}
