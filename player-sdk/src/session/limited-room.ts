import type { SwarmConfig } from '@eddy/protocol';
import type { Room } from '../signaling/room.js';

export interface RoomLimits {
  readonly maxPeers: number;
  /** 0: none. */
  readonly uploadBytesPerSecond: number;
}

/** A room whose site allows no more than the page does. */
export function limitRoom(room: Room, { maxPeers, uploadBytesPerSecond }: RoomLimits): Room {
  const limit = (config: SwarmConfig): SwarmConfig => ({
    ...config,
    maxPeers: Math.min(config.maxPeers, maxPeers),
    uploadBytesPerSecond: lower(config.uploadBytesPerSecond, uploadBytesPerSecond),
  });
  return {
    get state() {
      return room.state;
    },
    get welcome() {
      const { welcome } = room;
      return welcome && { ...welcome, config: limit(welcome.config) };
    },
    send: (message) => room.send(message),
    subscribe: (events) =>
      room.subscribe({
        ...events,
        onWelcome: (welcome) => events.onWelcome?.({ ...welcome, config: limit(welcome.config) }),
        onConfig: (config) => events.onConfig?.(limit(config)),
      }),
  };
}

/** Of two caps, of which 0 is none. */
function lower(one: number, other: number): number {
  if (one === 0 || other === 0) return one + other;
  return Math.min(one, other);
}
