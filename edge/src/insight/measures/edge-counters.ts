/** Additive figures that an edge counts by itself, of all requests for media, whether players report them or not. */
export const EDGE_COUNTERS = [
  /** All, those refused too. */
  'requests',
  /** From memory or disk, nobody else was asked. */
  'hits',
  /** Joined a fill that another request had begun. */
  'collapsed',
  /** The origin said that what was held is still good. */
  'revalidated',
  /** An old object, since the origin failed or is being asked. */
  'stale',
  /** Not storable, went to the origin alone. */
  'passed',
  /** Answered with 400 or more. */
  'refused',
  /** Of these, with 500 or more. */
  'failed',
  /** Responses that broke off. */
  'cuts',
  /** Body bytes given to connections. */
  'sentBytes',
  /** Of these, of hits. */
  'hitBytes',
  /** Body bytes fetched, by who gave them. */
  'originBytes',
  'shieldBytes',
  'siblingBytes',
  /** Pairs of viewers that were parted because one accused the other of wrong bytes. */
  'accusations',
  /** Viewers that are introduced to nobody any more, since too many pairs with them ended so. */
  'disputedViewers',
  /** Time that is counted here: less than the time that passed where the edge was down. */
  'reportedMs',
] as const;
export type EdgeCounter = (typeof EDGE_COUNTERS)[number];
