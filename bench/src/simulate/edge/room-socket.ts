import type { Guest, MeetingPlace } from '@eddy/edge/meeting-place';
import type { Clock, OpenSocket, Timers } from '@eddy/player-sdk/internal';
import { decodeDigestBlock, type EdgeMessage } from '@eddy/protocol';

export interface RoomSocketComponents {
  readonly clock: Clock;
  readonly timers: Timers;
  readonly meeting: MeetingPlace;
  /** Digests of these paths have reached the player. */
  readonly onDigests: (paths: readonly string[]) => void;
}

/** Round trips before a socket is open: TCP and the upgrade. */
const ROUND_TRIPS_TO_OPEN = 2;

/** One block goes to many. */
const pathsOf = new WeakMap<Uint8Array, readonly string[]>();

/** A player's WebSocket to the meeting place, `edgeMs` away. */
export class RoomSocket {
  readonly #components: RoomSocketComponents;
  readonly #edgeMs: number;
  #guest: Guest | undefined;
  #gone = false;

  constructor(components: RoomSocketComponents, edgeMs: number) {
    this.#components = components;
    this.#edgeMs = edgeMs;
  }

  readonly open: OpenSocket = (_url, events) => {
    const { timers, meeting, onDigests } = this.#components;
    const edgeMs = this.#edgeMs;
    let closed = false;
    const later = (run: () => void): void => {
      timers.after(edgeMs, () => {
        if (!closed && !this.#gone) run();
      });
    };
    const tell = (message: EdgeMessage): void => {
      const text = JSON.stringify(message);
      later(() => events.onText(text));
    };
    const push = (bytes: Uint8Array): void => {
      later(() => {
        events.onBinary(bytes);
        onDigests(paths(bytes));
      });
    };
    const guest = meeting.enter({ tell, push, probe: () => {} }, 'edge.example', (error) => {
      tell(error);
      later(() => events.onClose('refused'));
    });
    this.#guest = guest;
    timers.after(2 * ROUND_TRIPS_TO_OPEN * edgeMs, () => {
      if (!closed && !this.#gone) events.onOpen();
    });
    return {
      send: (text) => {
        timers.after(edgeMs, () => {
          if (!this.#gone) guest.hear(text);
        });
      },
      close: () => {
        closed = true;
        timers.after(edgeMs, () => guest.end());
      },
    };
  };

  /** The viewer is gone without a word; its kernel closes the connection. */
  vanish(): void {
    this.#gone = true;
    this.#components.timers.after(this.#edgeMs, () => this.#guest?.end());
  }
}

function paths(block: Uint8Array): readonly string[] {
  const known = pathsOf.get(block);
  if (known !== undefined) return known;
  const read = decodeDigestBlock(block).map(({ path }) => path);
  pathsOf.set(block, read);
  return read;
}
