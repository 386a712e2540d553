import type { Unsubscribe } from '../components.js';
import type { Member, MemberTable } from './members.js';

/** Other edges that stand between this one and the origin, as they are now. */
export interface NeighbourTable {
  /** This edge, as its siblings name it. Undefined: it has none. */
  readonly self: string | undefined;
  /** By which siblings know that one of them asks. */
  readonly hop: string;
  /** URLs; the same array until something changes. */
  shields(): readonly string[];
  siblings(): readonly string[];
}

/**
 * Siblings are the edges of a PoP, or its shields among themselves; who drains is asked no more. Shields ask the
 * origin, all others a shield.
 */
export function neighboursOf(members: readonly Member[]): { shields: string[]; siblings: string[] } {
  const [self, ...others] = members;
  const ready = others.filter(({ state, siblingUrl }) => state === 'ready' && siblingUrl !== undefined);
  const urls = (of: readonly Member[]): string[] =>
    of.flatMap(({ siblingUrl }) => (siblingUrl === undefined ? [] : [siblingUrl]));
  return {
    shields: self?.role === 'shield' ? [] : urls(ready.filter(({ role }) => role === 'shield')),
    siblings:
      self?.siblingUrl === undefined
        ? []
        : urls(ready.filter(({ role, pop }) => role === self.role && pop === self.pop)),
  };
}

/** The neighbours by membership. */
export class Neighbours implements NeighbourTable {
  readonly self: string | undefined;
  readonly hop: string;
  readonly #stop: Unsubscribe;
  #now: { readonly shields: readonly string[]; readonly siblings: readonly string[] };

  constructor(members: MemberTable, { hop }: { readonly hop: string }) {
    this.self = members.all()[0]?.siblingUrl;
    this.hop = hop;
    this.#now = neighboursOf(members.all());
    this.#stop = members.onChange(() => {
      this.#now = neighboursOf(members.all());
    });
  }

  shields(): readonly string[] {
    return this.#now.shields;
  }

  siblings(): readonly string[] {
    return this.#now.siblings;
  }

  close(): void {
    this.#stop();
  }
}
