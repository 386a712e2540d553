/** What is left of a segment is soon here, and whoever left (a player that changed rendition) is rarely the last. */
const SMALL_REST_BYTES = 1024 * 1024;

/** Whether a fill goes on when nobody waits for it any more: half is there, or little is missing. */
export function worthFinishing(receivedBytes: number, totalBytes: number | undefined): boolean {
  if (totalBytes === undefined) return false;
  const missing = totalBytes - receivedBytes;
  return missing <= SMALL_REST_BYTES || missing <= totalBytes / 2;
}
