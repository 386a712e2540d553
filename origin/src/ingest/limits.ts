/** Largest body by default: twice the largest segment that peers share. */
export const DEFAULT_MAX_BODY_BYTES: number = 128 * 1024 * 1024;

/** Bodies held at once; each may be of the largest size. */
export const MAX_UPLOADS = 16;

/** How long requests may go on after the stop signal. */
export const DRAIN_MS = 10_000;
