/** A request without a chunk or a refusal for so long is a silent one, leaves or no leaves. */
const SILENT_MS = 1_000;
/** Silent requests in a row after which a peer is taken for one that never answers. */
const MOST_IN_A_ROW = 3;

/** Counts, over all segments, the requests that peers left without any answer. */
export class Silence {
  readonly #inARow = new Map<string, number>();

  /** Something came of it. */
  spoke(peer: string): void {
    this.#inARow.delete(peer);
  }

  /** A request was given up `ms` after it was asked, and nothing had come. True: the peer is to be dropped. */
  gaveUp(peer: string, ms: number): boolean {
    if (ms < SILENT_MS) return false;
    const times = (this.#inARow.get(peer) ?? 0) + 1;
    this.#inARow.set(peer, times);
    if (times < MOST_IN_A_ROW) return false;
    this.#inARow.delete(peer);
    return true;
  }
}
