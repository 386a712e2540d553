/** Peers in a row that could not be reached before replacements are asked for more slowly. */
const UNREACHABLE_AT_FULL_SPEED = 4;
const MOST_REPORT_DELAY_MS = 60_000;

/** A player behind a firewall that reaches nobody must not keep the edge busy with replacements. */
export function reportDelayMs(unreachableInARow: number): number {
  const excess = unreachableInARow - UNREACHABLE_AT_FULL_SPEED;
  return excess < 0 ? 0 : Math.min(MOST_REPORT_DELAY_MS, 1_000 * 2 ** Math.min(excess, 16));
}
