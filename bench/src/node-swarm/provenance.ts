/** One segment as one viewer got it. Times are clock times in milliseconds. */
export interface Load {
  readonly viewer: string;
  readonly sequence: number;
  readonly askedAt: number;
  /** The picture waited for it. */
  readonly startUp: boolean;
  readonly bufferSeconds: number;
  /** Open channels when it was asked for. */
  readonly peers: number;
  readonly edgeBytes: number;
  readonly peerBytes: number;
  readonly milliseconds: number;
}

/**
 * Why bytes came from the edge. `first`: somebody has to fetch a segment. `start-up`: the picture waited. `no peers`:
 * no channel was open. `together`: another was being fetched by someone else at that time. `again`: others had it
 * already. `rescue`: a part of a segment of which peers brought the rest.
 */
export type EdgeReason = 'first' | 'start-up' | 'no peers' | 'together' | 'again' | 'rescue';

export const EDGE_REASONS: readonly EdgeReason[] = [
  'first',
  'start-up',
  'no peers',
  'together',
  'again',
  'rescue',
];

/** Bytes from the edge, by reason. */
export function edgeBytesByReason(loads: readonly Load[]): Record<EdgeReason, number> {
  const bytes = Object.fromEntries(EDGE_REASONS.map((reason) => [reason, 0])) as Record<EdgeReason, number>;
  const bySequence = new Map<number, Load[]>();
  for (const load of loads) {
    if (load.edgeBytes === 0) continue;
    bySequence.set(load.sequence, [...(bySequence.get(load.sequence) ?? []), load]);
  }
  for (const fetches of bySequence.values()) {
    const first = [...fetches].sort((a, b) => arrivedAt(a) - arrivedAt(b)).find(isWhole);
    for (const load of fetches) bytes[reasonOf(load, first)] += load.edgeBytes;
  }
  return bytes;
}

function reasonOf(load: Load, first: Load | undefined): EdgeReason {
  if (load === first) return 'first';
  if (!isWhole(load)) return 'rescue';
  if (load.startUp) return 'start-up';
  if (load.peers === 0) return 'no peers';
  return first === undefined || load.askedAt < arrivedAt(first) ? 'together' : 'again';
}

const isWhole = ({ peerBytes }: Load): boolean => peerBytes === 0;
const arrivedAt = ({ askedAt, milliseconds }: Load): number => askedAt + milliseconds;
