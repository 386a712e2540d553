import type { SwarmConfig } from '@eddy/protocol';
import type { Room } from '../signaling/room.js';

/** A room whose site allows no more peers than the page does. */
export function limitPeers(room: Room, maxPeers: number): Room {
  const limit = (config: SwarmConfig): SwarmConfig => ({
    ...config,
    maxPeers: Math.min(config.maxPeers, maxPeers),
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
