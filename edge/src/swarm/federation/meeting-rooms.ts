import type { Line } from '../line.js';
import type { Notice } from '../rooms/notices.js';
import type { Rooms } from '../rooms/rooms.js';
import type { FederatedRooms } from './outside.js';

export interface MeetingRoomsComponents {
  readonly rooms: Rooms;
  /** The way to a viewer here. */
  readonly lineOf: (peer: string) => Line | undefined;
  /** Tells those here, and those elsewhere. */
  readonly notify: (room: string, notices: readonly Notice[]) => void;
}

/** What other edges may do with the rooms of a meeting. */
export function meetingRooms({ rooms, lineOf, notify }: MeetingRoomsComponents): FederatedRooms {
  return {
    has: (room) => rooms.has(room),
    open: (room, most) => rooms.of(room)?.open(most) ?? [],
    describe: (room, peer) => rooms.of(room)?.describe(peer),
    homeOf: (room, peer) => rooms.of(room)?.homeOf(peer),
    propose: (room, visitors, home) => rooms.of(room)?.propose(visitors, home) ?? [],
    settle(room, pairings, agreed, home) {
      const audience = rooms.of(room);
      if (audience === undefined) return [];
      const { notices, met } = audience.settle(pairings, agreed, home);
      notify(room, notices);
      return met;
    },
    agree(room, here, visitor, home) {
      const notices = rooms.of(room)?.agree(here, visitor, home);
      if (notices !== undefined) notify(room, notices);
      return notices !== undefined;
    },
    part(room, here, there, expelled) {
      if (expelled && rooms.introduced(room, here, there)) {
        lineOf(here)?.tell({ type: 'peers', meet: [], gone: [], expelled: [there] });
      }
      notify(room, rooms.of(room)?.part(here, there) ?? []);
    },
    fail(room, here, there, accused) {
      const notices = rooms.fail(room, there, here, accused);
      // It may be gone without a word: those here should not wait for the next heartbeat either.
      if (notices.length > 0 && !accused) lineOf(here)?.probe();
      notify(room, notices);
    },
    signal(room, here, there, payload) {
      if (rooms.introduced(room, there, here)) lineOf(here)?.tell({ type: 'signal', from: there, payload });
    },
    keepHomes(isThere) {
      for (const [room, audience] of rooms.all()) notify(room, audience.keepHomes(isThere));
    },
    get visitors() {
      return rooms.visitorCount;
    },
  };
}
