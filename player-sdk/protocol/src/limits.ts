/**
 * Every bound of the protocol, by name. Decoders check them before memory is given, encoders refuse to pass them.
 */

/** Version of the peer wire and the signaling. A peer that speaks another one is not talked to. */
export const PROTOCOL_VERSION = 2;

/** What a segment is cut into for transfer and for hashing. 64 KiB messages were the fastest on a data channel. */
export const CHUNK_BYTES: number = 64 * 1024;

/** Largest segment that is shared: 20 s at 25 Mbit/s. Larger ones come from the edge. */
export const MAX_SEGMENT_BYTES: number = 64 * 1024 * 1024;

/** Leaves of the largest segment. */
export const MAX_CHUNKS: number = MAX_SEGMENT_BYTES / CHUNK_BYTES;

/** One data channel message: a chunk and its header. Browsers allow 262,144. */
export const MAX_FRAME_BYTES: number = CHUNK_BYTES + 64;

/** Runs of sequence numbers in one HAVE. A player's window is one run, a seeker's a few. */
export const MAX_HAVE_RUNS = 256;

/** Segments in one digest block. 256 of them are about 13 KB. */
export const MAX_BLOCK_SEGMENTS = 256;

/** A segment's path in a digest block or a digest request. */
export const MAX_PATH_BYTES = 1024;

/** One signaling message, text or binary. */
export const MAX_SIGNALING_BYTES: number = 64 * 1024;

/** One session description or candidate, as JSON. Chromium's offers for one data channel are about 1 KB. */
export const MAX_SIGNAL_PAYLOAD_BYTES: number = 16 * 1024;

/** Segments asked for in one `want-digests`. */
export const MAX_WANTED_DIGESTS = 256;

/** Peers named in one `peers` message. */
export const MAX_PEERS_LISTED = 64;

/** Paths, and prefixes, in one `purged` message. */
export const MAX_PURGED_LISTED = 64;

/** How often a player tells its `status`. */
export const STATUS_EVERY_MS = 10_000;

/**
 * How long an edge remembers purges for players that are away. One that was away for longer may have missed some, so
 * it lets go of everything by then.
 */
export const PURGES_REMEMBERED_MS = 600_000;

/** A token, in JWS compact form. */
export const MAX_TOKEN_CHARACTERS: number = 8 * 1024;

/** One POST of beacon batches, a line each. `sendBeacon` allows 64 KiB for everything in flight. */
export const MAX_BEACON_BYTES: number = 16 * 1024;

/** Beacon batches in one POST: the one that failed before, and what came since. */
export const MAX_BEACON_BATCHES = 16;

/** Viewers whose bytes one batch tells apart. */
export const MAX_BEACON_PEERS = 64;
