import type { EdgeFigures, Edges } from '../../../../src/insight/queries/figures.js';

export type EdgeRow = Edges['edges'][number];

/** Bytes that edges fetched, whoever gave them. */
export function filledBytes({ originBytes, shieldBytes, siblingBytes }: EdgeFigures): number {
  return originBytes + shieldBytes + siblingBytes;
}

/** All edges of a PoP together. */
export interface PopRow {
  readonly pop: string;
  readonly edges: number;
  readonly requests: number;
  readonly sentBytes: number;
  readonly filledBytes: number;
  /** By bytes; null: nothing was sent. */
  readonly hitRatio: number | null;
  readonly refused: number;
  /** Null: none of them told anything in the last minutes. */
  readonly nowBytesPerSecond: number | null;
}

/** Who sent the most first. */
export function popRows(edges: readonly EdgeRow[]): PopRow[] {
  const pops = [...new Set(edges.map(({ pop }) => pop))];
  return pops
    .map((pop) => {
      const here = edges.filter((edge) => edge.pop === pop);
      const sum = (of: (edge: EdgeRow) => number): number => here.reduce((all, edge) => all + of(edge), 0);
      const sentBytes = sum((edge) => edge.sentBytes);
      const isHeard = here.some(({ nowBytesPerSecond }) => nowBytesPerSecond !== null);
      return {
        ...{ pop, edges: here.length, sentBytes },
        requests: sum(({ requests }) => requests),
        filledBytes: sum(filledBytes),
        hitRatio: sentBytes > 0 ? sum(({ hitBytes }) => hitBytes) / sentBytes : null,
        refused: sum(({ refused }) => refused),
        nowBytesPerSecond: isHeard ? sum((edge) => edge.nowBytesPerSecond ?? 0) : null,
      };
    })
    .sort((one, other) => other.sentBytes - one.sentBytes);
}
