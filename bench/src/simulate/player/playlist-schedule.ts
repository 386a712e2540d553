/**
 * When hls.js 1.7 asks for a live playlist again: one target duration after the time that the last request was
 * scheduled for, half of one when the answer was as before (`computeReloadInterval`, `playlistLoaded`). So each
 * player keeps a phase of its own.
 */
export class PlaylistSchedule {
  readonly #targetMs: number;
  #scheduledAt: number | undefined;

  constructor(targetMs: number) {
    this.#targetMs = targetMs;
  }

  /** An answer came at `now` to a request made at `requestedAt`. When to make the next. */
  next({ requestedAt, now, updated }: { requestedAt: number; now: number; updated: boolean }): number {
    const interval = updated ? this.#targetMs : this.#targetMs / 2;
    const before = this.#scheduledAt ?? requestedAt;
    this.#scheduledAt = before + interval < now ? now : before <= now ? before + interval : before;
    return this.#scheduledAt;
  }
}
