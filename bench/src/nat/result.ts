import type { NatRow } from './rows.js';

/** What was seen of a viewer's connections from outside the SDK. */
export interface Witnessed {
  /** Attempts that ended without a channel. */
  readonly failed: number;
  readonly opened: number;
  /** Kinds of candidates that the other side told (`host`, `srflx`, `relay`). */
  readonly heardKinds: readonly string[];
  /** Addresses in them. */
  readonly heardAddresses: readonly string[];
  /** Kinds of the candidates that were in use when somebody looked, this side's first: `srflx/host`. */
  readonly pairs: readonly string[];
}

/** One viewer of a row. Bytes are those that the session counts. */
export interface NatViewerResult extends Witnessed {
  /** The name that the edge gave it. */
  readonly self: string | undefined;
  readonly stalls: number;
  /** Segments that were not the published bytes. */
  readonly wrongSegments: number;
  /** What the player complained about. */
  readonly problems: readonly string[];
  readonly blamedPeers: number;
  readonly playedBytes: number;
  readonly edgeBytes: number;
  readonly peerBytes: number;
  readonly uploadedBytes: number;
  readonly relayedBytes: number;
}

export interface NatRowResult {
  readonly row: NatRow;
  readonly viewers: readonly NatViewerResult[];
  /** Addresses of each viewer's home, of the viewer and of its router. */
  readonly addresses: readonly (readonly string[])[];
  /** What the edge's figures say of the stream. */
  readonly figures: { readonly turnBytes: number; readonly peerBytes: number };
  /** What coturn took in and gave out for both, as it counts. */
  readonly turnServerBytes: number;
}
