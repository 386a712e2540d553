import type { PublicationProgress } from '../package/publication.js';

/** Prints how far a publication is, once a second at most. */
export function progressPrinter(
  write: (line: string) => void,
  nowMs: () => number,
): (progress: PublicationProgress) => void {
  const startMs = nowMs();
  let lastMs = startMs;
  return ({ segments, segmentsTotal, bytes }) => {
    const now = nowMs();
    if (now - lastMs < 1000 && segments < segmentsTotal) return;
    lastMs = now;
    const percent = Math.floor((segments / segmentsTotal) * 100);
    const rate = bytes / 1e6 / Math.max(0.001, (now - startMs) / 1000);
    write(
      `${percent}%  ${segments} of ${segmentsTotal} segments, ${(bytes / 1e6).toFixed(1)} MB, ${rate.toFixed(1)} MB/s`,
    );
  };
}
