/** One segment's share: its bytes with all boxes, and the seconds of its `EXTINF`. */
export interface SegmentSize {
  readonly bytes: number;
  readonly seconds: number;
}

export interface Bandwidth {
  /** Bits a second. */
  readonly peak: number;
  readonly average: number;
}

/**
 * RFC 8216 section 4.1: the peak is the largest bit rate of any run of segments that lasts 0.5 to 1.5 target durations.
 * Where no run does (a clip of one short segment), it is that of the whole.
 */
export function bandwidthOf(segments: readonly SegmentSize[], targetDuration: number): Bandwidth {
  let totalBytes = 0;
  let totalSeconds = 0;
  let peak = 0;
  for (const [first, segment] of segments.entries()) {
    totalBytes += segment.bytes;
    totalSeconds += segment.seconds;
    let bytes = 0;
    let seconds = 0;
    for (let index = first; index < segments.length; index++) {
      bytes += segments[index]?.bytes ?? 0;
      seconds += segments[index]?.seconds ?? 0;
      if (seconds > targetDuration * 1.5) break;
      if (seconds >= targetDuration * 0.5) peak = Math.max(peak, (bytes * 8) / seconds);
    }
  }
  const average = totalSeconds > 0 ? Math.ceil((totalBytes * 8) / totalSeconds) : 0;
  return { peak: Math.max(Math.ceil(peak), average), average };
}
