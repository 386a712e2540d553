import type { PlaylistSegment } from '../package/playlist.js';

/** A live rendition's segments as its playlist shows them. */
export interface WindowSegment extends PlaylistSegment {
  readonly sequence: number;
}

export interface LiveWindow {
  /** What the playlist lists, oldest first. */
  readonly listed: readonly WindowSegment[];
  /** Left the playlist, still stored: players that read it before may ask. */
  readonly kept: readonly WindowSegment[];
}

export const EMPTY_WINDOW: LiveWindow = { listed: [], kept: [] };

/**
 * The window after one more segment, and what need not be stored any more: RFC 8216 section 6.2.2 keeps a segment for
 * its own duration and that of the longest playlist that listed it; one window and two segments are that.
 */
export function slide(
  window: LiveWindow,
  segment: WindowSegment,
  size: number,
): { window: LiveWindow; expired: readonly WindowSegment[] } {
  const listed = [...window.listed, segment];
  const kept = [...window.kept, ...listed.splice(0, Math.max(0, listed.length - size))];
  const expired = kept.splice(0, Math.max(0, kept.length - size - 2));
  return { window: { listed, kept }, expired };
}
