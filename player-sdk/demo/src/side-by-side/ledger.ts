/** What a viewer was given of one segment, and by whom. Bytes. */
export interface Given {
  readonly edgeBytes: number;
  /** By the name of the giver; those not on this page are `OTHERS`. */
  readonly peers: Readonly<Record<string, number>>;
}

export const EDGE = 'Edge';
export const OTHERS = 'Others';

/** How many of a viewer's segments are remembered one by one. */
export const REMEMBERED_SEGMENTS = 24;

export interface Part {
  readonly source: string;
  readonly bytes: number;
}

/** Who gave how much to whom, since the page was opened. Those who left stay in the sums. */
export class Ledger {
  readonly #given = new Map<string, Map<string, number>>();
  readonly #recent = new Map<string, (readonly Part[])[]>();

  /** Adds a segment that `viewer` was given, and says what it is made of: the edge first, then by name. */
  add(viewer: string, { edgeBytes, peers }: Given): readonly Part[] {
    const parts = partsOf(edgeBytes, peers);
    const row = this.#given.get(viewer) ?? new Map<string, number>();
    this.#given.set(viewer, row);
    for (const { source, bytes } of parts) row.set(source, (row.get(source) ?? 0) + bytes);
    if (parts.length > 0) {
      const recent = this.#recent.get(viewer) ?? [];
      recent.push(parts);
      this.#recent.set(viewer, recent.slice(-REMEMBERED_SEGMENTS));
    }
    return parts;
  }

  given(viewer: string, source: string): number {
    return this.#given.get(viewer)?.get(source) ?? 0;
  }

  /** Everything that `viewer` was given, by everybody. */
  received(viewer: string): number {
    let bytes = 0;
    for (const one of this.#given.get(viewer)?.values() ?? []) bytes += one;
    return bytes;
  }

  /** Everything that `source` gave, to everybody. */
  sent(source: string): number {
    let bytes = 0;
    for (const row of this.#given.values()) bytes += row.get(source) ?? 0;
    return bytes;
  }

  /** The last segments of `viewer`, oldest first. */
  recent(viewer: string): readonly (readonly Part[])[] {
    return this.#recent.get(viewer) ?? [];
  }

  /** Everybody who ever gave or was given something, by name. */
  names(): readonly string[] {
    const names = new Set<string>();
    for (const [viewer, row] of this.#given) {
      names.add(viewer);
      for (const source of row.keys()) if (source !== EDGE && source !== OTHERS) names.add(source);
    }
    return [...names].sort();
  }

  totals(): { readonly all: number; readonly edge: number; readonly peers: number } {
    let all = 0;
    for (const viewer of this.#given.keys()) all += this.received(viewer);
    const edge = this.sent(EDGE);
    return { all, edge, peers: all - edge };
  }
}

function partsOf(edgeBytes: number, peers: Readonly<Record<string, number>>): readonly Part[] {
  const parts = Object.entries(peers).map(([source, bytes]) => ({ source, bytes }));
  parts.sort((one, other) => one.source.localeCompare(other.source));
  return [{ source: EDGE, bytes: edgeBytes }, ...parts].filter(({ bytes }) => bytes > 0);
}
