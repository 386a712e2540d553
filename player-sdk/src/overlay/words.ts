import type { SessionState, SessionStats } from '../session/stats.js';

const PLAIN: Partial<Record<SessionState, string>> = {
  idle: 'Nothing is playing yet',
  connecting: 'Looking for other viewers',
  alone: 'No other viewer right now',
  away: 'Looking for other viewers again',
  destroyed: 'Sharing has ended',
  'off: insecure page': 'Sharing is off: this page is not on https',
  'off: no WebRTC': 'Sharing is off: this browser has no WebRTC',
  'off: turned off here': 'Sharing is off on this page',
  'off: turned off by the edge': 'Sharing is turned off for this stream',
  'off: holdout': 'Sharing is off: this viewer is in the comparison group',
  'off: refused by the edge': 'Sharing is off: the edge declined this player',
  'off: no edge': 'Sharing is off: the playlist is not from a web server',
};

/** A session's state for people. */
export function stateInWords({ state, peers }: Pick<SessionStats, 'state' | 'peers'>): string {
  if (state === 'sharing') return `Sharing with ${peers} other ${peers === 1 ? 'viewer' : 'viewers'}`;
  return PLAIN[state] ?? state;
}

/** `1.4 MB`; powers of ten, as networks count. */
export function bytesInWords(bytes: number): string {
  if (bytes < 1_000) return `${Math.round(bytes)} B`;
  const units = ['kB', 'MB', 'GB', 'TB'];
  let value = bytes / 1_000;
  let unit = 0;
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1_000;
    unit++;
  }
  return `${value < 10 ? value.toFixed(1) : Math.round(value)} ${units[unit]}`;
}

/** `37%`. */
export function shareInWords(share: number): string {
  return `${Math.round(share * 100)}%`;
}
