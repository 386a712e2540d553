/** Fetching ahead of viewers. */
export interface PrefetchConfig {
  /** Segments ahead of the one that is asked for; 0 switches it off. Default 1. */
  readonly segments: number;
  /** Own fills under way at once. Default 8. */
  readonly maxFills: number;
  /** With this many fills of real requests under way nothing is fetched ahead. Default 16. */
  readonly maxViewerFills: number;
  /** Most bytes a second that are fetched ahead. Default 16 MiB: an eighth of a gigabit link. */
  readonly bytesPerSecond: number;
  /** Pauses for a minute while fewer of the last hundred were used. Default 50. */
  readonly minUsePercent: number;
}
