/** How the scheduler weighs. All have defaults that were chosen with the swarm simulation and real browsers. */
export interface ScheduleOptions {
  /** How long before the playhead needs it a segment should be complete. */
  readonly safetyMs: number;
  /** The edge is trusted to be this many times slower than measured. */
  readonly edgeCaution: number;
  /** An edge that takes more than this share of a segment's playing time to bring it is tight. */
  readonly tightEdge: number;
  /** Edge throughput before anything was measured: 2 Mbit/s. */
  readonly assumedEdgeBytesPerSecond: number;
  /** A peer's throughput before its first answer: 4 Mbit/s. */
  readonly assumedPeerBytesPerSecond: number;
  /** Share of segments for which one holder is asked first, whatever it was measured at: it may be faster by now. */
  readonly exploration: number;
  /** How much one request asks of a peer, as time at its throughput. */
  readonly requestMs: number;
  /** The same in chunks, before its first answer. */
  readonly probeChunks: number;
  /** Largest request: 2 MiB. */
  readonly maxRequestChunks: number;
  /** A flight without a byte for so long is taken for dead. */
  readonly stallMs: number;
  /** In a hurry, a flight without a byte for so long is. */
  readonly hurriedStallMs: number;
  /** A waiting picture is served by a proven peer only if that takes no longer. */
  readonly fastMs: number;
  /** Between the turns of two players to fetch a fresh segment. */
  readonly rankStepMs: number;
  /** How long another player's claim is believed, at least and at most; half of the buffer in between. */
  readonly minClaimPatienceMs: number;
  readonly maxClaimPatienceMs: number;
  /** How long a digest may take to follow a peer's announcement. */
  readonly digestPatienceMs: number;
  /** How long the edge takes to tell a digest that it knows, beside the round trip. */
  readonly answerMs: number;
  /** How long a live segment that the edge has given to somebody may take to reach a neighbour. */
  readonly spreadMs: number;
  /** A tail of at most so many chunks may be asked for twice. */
  readonly endgameChunks: number;
  /** A duplicate must save this much. */
  readonly endgameGainMs: number;
  /** Longest time between two looks. */
  readonly heartbeatMs: number;
}

export const SCHEDULE_DEFAULTS: ScheduleOptions = {
  safetyMs: 500,
  edgeCaution: 1.5,
  tightEdge: 0.25,
  assumedEdgeBytesPerSecond: 250_000,
  assumedPeerBytesPerSecond: 500_000,
  exploration: 0.1,
  requestMs: 400,
  probeChunks: 4,
  maxRequestChunks: 32,
  stallMs: 1_000,
  hurriedStallMs: 200,
  fastMs: 400,
  rankStepMs: 100,
  minClaimPatienceMs: 500,
  maxClaimPatienceMs: 4_000,
  digestPatienceMs: 600,
  answerMs: 50,
  spreadMs: 1_500,
  endgameChunks: 8,
  endgameGainMs: 200,
  heartbeatMs: 200,
};
