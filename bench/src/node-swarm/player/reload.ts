/** As much of a live playlist as its next reload depends on. Times are clock times in milliseconds. */
export interface Reload {
  /** When it was asked for on schedule; -1 before the first. */
  readonly requestScheduled: number;
  readonly requestedAt: number;
  readonly now: number;
  /** Whether it named something new. */
  readonly updated: boolean;
  readonly targetSeconds: number;
  readonly lastSegmentSeconds: number;
  /** From the playhead to the end of the playlist. */
  readonly behindEdgeSeconds: number;
}

/** Nearer to the live edge than so many target durations, a short last segment brings the reload forward. */
const NEAR_EDGE_TARGETS = 4;

/** When hls.js 1.7.4 asks again (`BasePlaylistController.playlistLoaded`, `computeReloadInterval`). */
export function nextReload(reload: Reload): number {
  const { requestedAt, now } = reload;
  const scheduled = reload.requestScheduled === -1 ? requestedAt : reload.requestScheduled;
  const intervalMs = reloadIntervalMs(reload);
  if (scheduled + intervalMs < now) return now;
  return scheduled <= now ? scheduled + intervalMs : scheduled;
}

function reloadIntervalMs({ updated, targetSeconds, lastSegmentSeconds, behindEdgeSeconds }: Reload): number {
  const targetMs = targetSeconds * 1000;
  if (!updated) return Math.round(targetMs / 2);
  const near = targetSeconds * NEAR_EDGE_TARGETS > behindEdgeSeconds;
  const shorter = lastSegmentSeconds > 0 && lastSegmentSeconds < targetSeconds;
  return Math.round(near && shorter ? lastSegmentSeconds * 1000 : targetMs);
}
