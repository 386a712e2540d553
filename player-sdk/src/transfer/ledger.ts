/** Where media bytes went, over a whole playback. */
export interface Ledger {
  /** Handed to the player, from the edge. */
  edge(bytes: number): void;
  /** Handed to the player, verified, from other viewers. */
  peers(bytes: number): void;
  /** Received and of no use. */
  wasted(bytes: number): void;
  /** Received from a peer, and not what the digest says. */
  hashFailed(bytes: number): void;
}
