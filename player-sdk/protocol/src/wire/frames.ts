/**
 * What two peers say to each other over a data channel: one message, one frame. A channel opens with HELLO from
 * both sides, then HAVE with everything held; after that any frame may follow.
 *
 * Segments are announced by (rendition, sequence), which is compact, and requested by the Merkle root of the
 * digest, which names the bytes: a peer with other bytes under the same name cannot answer by mistake.
 */
export type PeerFrame =
  | Hello
  | Have
  | Lost
  | Claim
  | Request
  | Leaves
  | Chunk
  | Refuse
  | Cancel
  | Bye
  | Parts;

/**
 * First frame of both sides. `upload` false: this peer answers no requests (do not ask).
 * Sent again, with the same version, when `upload` has changed.
 */
export interface Hello {
  readonly type: 'hello';
  readonly version: number;
  readonly upload: boolean;
}

/** `count` sequence numbers from `first` on. */
export interface SequenceRun {
  readonly first: number;
  readonly count: number;
}

/** Segments of a rendition that the sender holds, verified. Adds to what it announced before. */
export interface Have {
  readonly type: 'have';
  readonly rendition: number;
  readonly runs: readonly SequenceRun[];
}

/** Segments that the sender gave up, whole or in parts. */
export interface Lost {
  readonly type: 'lost';
  readonly rendition: number;
  readonly runs: readonly SequenceRun[];
}

/**
 * Chunks of a segment that the sender holds, verified, while the rest is still on its way to it. Adds to what it
 * announced before; a HAVE or LOST of the segment takes its place.
 */
export interface Parts {
  readonly type: 'parts';
  readonly rendition: number;
  readonly sequence: number;
  /** Of chunk numbers, at most `MAX_CHUNKS` together. */
  readonly runs: readonly SequenceRun[];
}

/** "I am fetching this one from the edge": others wait for it instead of asking the edge too. */
export interface Claim {
  readonly type: 'claim';
  readonly rendition: number;
  readonly sequence: number;
}

/** Asks for `count` chunks from `first` of the segment with this root; `leaves` asks for its leaf hashes before. */
export interface Request {
  readonly type: 'request';
  /** Grows with each request of this side, so that an answer's frames name one request for ever. */
  readonly id: number;
  readonly root: Uint8Array;
  readonly first: number;
  readonly count: number;
  readonly leaves: boolean;
}

/** Leaf hashes of the requested segment, all of them, in order. The receiver checks them against the root. */
export interface Leaves {
  readonly type: 'leaves';
  readonly id: number;
  readonly leaves: readonly Uint8Array[];
}

/** One chunk of an answer. `payload` may be a view into the received message. */
export interface Chunk {
  readonly type: 'chunk';
  readonly id: number;
  readonly index: number;
  readonly payload: Uint8Array;
}

export const REFUSALS = ['busy', 'not-held', 'off', 'limit'] as const;
/** Why a request is not answered: too much queued, no such segment, uploads off, or over a limit. */
export type Refusal = (typeof REFUSALS)[number];

export interface Refuse {
  readonly type: 'refuse';
  readonly id: number;
  readonly reason: Refusal;
}

/** The asker no longer wants the rest of this answer. */
export interface Cancel {
  readonly type: 'cancel';
  readonly id: number;
}

export const FAREWELLS = ['leaving', 'switching', 'misbehaved', 'incompatible'] as const;
export type Farewell = (typeof FAREWELLS)[number];

/** Last frame before the sender closes the channel. */
export interface Bye {
  readonly type: 'bye';
  readonly reason: Farewell;
}
