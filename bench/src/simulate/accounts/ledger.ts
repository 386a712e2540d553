/** Why a viewer asked the edge for a segment, by what could be seen from outside at that moment. */
export const REASONS = [
  'start-up',
  'stalled',
  'alone',
  'first',
  'unseen',
  'duplicate',
  'no-digest',
  'late',
] as const;
export type Reason = (typeof REASONS)[number];

export const REASON_MEANING: Readonly<Record<Reason, string>> = {
  'start-up': 'its picture has not begun',
  stalled: 'its picture stands still',
  alone: 'it has no open channel yet, or none any more',
  first: 'nobody in the swarm has it or fetches it: unavoidable',
  unseen: 'others in the swarm have or fetch it, nobody it has a channel to',
  duplicate: 'a viewer it has a channel to is fetching it',
  'no-digest': 'a viewer it has a channel to has it, but its digest has not come',
  late: 'a viewer it has a channel to has it, and was not asked or did not deliver in time',
};

/** As much of a viewer as telling reasons needs. */
export interface Asker {
  readonly index: number;
  readonly started: boolean;
  readonly stalled: boolean;
  readonly neighbours: readonly { readonly index: number }[];
  knowsDigest(sequence: number): boolean;
}

/** Who has which segment and who fetches it, and what the edge sent for what reason. */
export class EdgeLedger {
  readonly #holders = new Map<number, Set<number>>();
  readonly #fetchers = new Map<number, Set<number>>();
  readonly bytes: Record<Reason, number> = {
    'start-up': 0,
    stalled: 0,
    alone: 0,
    first: 0,
    unseen: 0,
    duplicate: 0,
    'no-digest': 0,
    late: 0,
  };
  /** Of those, answers to requests for a part of a segment. */
  rangeBytes = 0;

  reasonOf(asker: Asker, sequence: number): Reason {
    if (!asker.started) return 'start-up';
    if (asker.stalled) return 'stalled';
    const { neighbours } = asker;
    if (neighbours.length === 0) return 'alone';
    const holders = this.#holders.get(sequence);
    if (neighbours.some(({ index }) => holders?.has(index))) {
      return asker.knowsDigest(sequence) ? 'late' : 'no-digest';
    }
    const fetchers = this.#fetchers.get(sequence);
    if (neighbours.some(({ index }) => fetchers?.has(index))) return 'duplicate';
    return (holders?.size ?? 0) + (fetchers?.size ?? 0) === 0 ? 'first' : 'unseen';
  }

  fetches(index: number, sequence: number): void {
    add(this.#fetchers, sequence, index);
  }

  endsFetch(index: number, sequence: number): void {
    this.#fetchers.get(sequence)?.delete(index);
  }

  /** It has the segment, and others may have it of it. */
  has(index: number, sequence: number): void {
    add(this.#holders, sequence, index);
  }

  leaves(index: number): void {
    for (const holders of this.#holders.values()) holders.delete(index);
    for (const fetchers of this.#fetchers.values()) fetchers.delete(index);
  }
}

function add(sets: Map<number, Set<number>>, sequence: number, index: number): void {
  const set = sets.get(sequence);
  if (set === undefined) sets.set(sequence, new Set([index]));
  else set.add(index);
}
