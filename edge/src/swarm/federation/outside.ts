import type { PeerFailed, PeersChanged } from '@eddy/protocol';
import type { OpenViewer, Pairing } from '../rooms/visitors.js';

/** Viewers who are connected to other edges, as the meeting here speaks to them. */
export interface Outside {
  /** Somebody came, went, or has other peers than before. */
  changed(room: string): void;
  /** `home`: the edge that the other one is connected to. */
  tell(room: string, home: string, to: string, message: PeersChanged): void;
  signal(
    room: string,
    home: string,
    pair: { readonly from: string; readonly to: string },
    payload: string,
  ): void;
  failed(
    room: string,
    home: string,
    pair: { readonly from: string; readonly to: string },
    reason: PeerFailed['reason'],
  ): void;
  close(): void;
}

export const NOBODY_OUTSIDE: Outside = {
  changed: () => {},
  tell: () => {},
  signal: () => {},
  failed: () => {},
  close: () => {},
};

/** The rooms here, as other edges may know and change them. Viewers here are told by whoever implements this. */
export interface FederatedRooms {
  /** Whether somebody here is in it. */
  has(room: string): boolean;
  open(room: string, most: number): readonly OpenViewer[];
  describe(room: string, peer: string): OpenViewer | undefined;
  homeOf(room: string, peer: string): string | undefined;
  propose(room: string, visitors: readonly OpenViewer[], home: string): readonly Pairing[];
  /** Which of them meet now. */
  settle(
    room: string,
    pairings: readonly Pairing[],
    agreed: ReadonlyMap<Pairing, OpenViewer>,
    home: string,
  ): readonly Pairing[];
  agree(room: string, here: string, visitor: OpenViewer, home: string): boolean;
  part(room: string, here: string, there: string, expelled: boolean): void;
  fail(room: string, here: string, there: string, accused: boolean): void;
  signal(room: string, here: string, there: string, payload: string): void;
  keepHomes(isThere: (home: string) => boolean): void;
  /** Viewers of other edges that somebody here has met. */
  readonly visitors: number;
}
