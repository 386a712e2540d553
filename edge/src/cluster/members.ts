/** What an edge says of itself to the others of its CDN. */
export interface Member {
  /** `name` of its configuration, unique in the CDN. */
  readonly name: string;
  /** The point of presence it stands at. */
  readonly pop: string;
  /** Where players reach it, without a slash at the end; undefined: players are not sent to it. */
  readonly publicUrl: string | undefined;
  /** Where the edges of its PoP reach it; undefined: it is nobody's sibling. */
  readonly siblingUrl: string | undefined;
  /** A shield stands between edges and the origin; players are not sent to it. */
  readonly role: 'edge' | 'shield';
  readonly state: 'ready' | 'draining';
  readonly load: MemberLoad;
}

export interface MemberLoad {
  readonly egressBytesPerSecond: number;
  /** What it may send at most; 0: not said. */
  readonly egressLimitBytesPerSecond: number;
  readonly viewers: number;
  /** False while no origin of it answers. */
  readonly originWell: boolean;
}

/** Who belongs to this CDN now, as far as this edge has heard. */
export interface MemberTable {
  /** This edge first, then the others by name; who has not been heard of for a while is not among them. */
  all(): readonly Member[];
  /** Tells the others what has changed about this edge, soon. */
  update(changes: Partial<Pick<Member, 'state' | 'load'>>): void;
  /** Calls after each change of who is there, where, or in which state; not for load alone. Returns how to stop. */
  onChange(listener: () => void): () => void;
}
