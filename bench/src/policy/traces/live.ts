import { addRendition, RENDITIONS, SEGMENT_MS, viewerRung } from './ladder.js';
import { exponential, seededRandom, weibull, zipf } from './random.js';
import { type Trace, TraceBuilder } from './trace.js';

export interface LiveOptions {
  readonly channels: number;
  /** Zipf exponent of how channels are chosen. */
  readonly exponent: number;
  /** Segments that the playlists name. */
  readonly windowSegments: number;
  /** Share of viewers who start somewhere back in the window. */
  readonly dvrShare: number;
  readonly requests: number;
  readonly durationMs: number;
  readonly seed: number;
}

/** Players start three segments behind the edge (RFC 8216 section 6.3.3). */
const HOLD_BACK_SEGMENTS = 3;
const STAY_SHAPE = 0.6;
const MEAN_STAY_SEGMENTS = 60;
const STAY_SCALE_SEGMENTS = 40;

/** Viewers of channels: nearly all at the live edge, some back in the window; each polls its playlist. */
export function liveTrace(name: string, options: LiveOptions): Trace {
  const { channels, exponent, windowSegments, dvrShare, requests, durationMs, seed } = options;
  const random = seededRandom(seed);
  const builder = new TraceBuilder();
  const count = windowSegments + Math.ceil(durationMs / SEGMENT_MS) + 1;
  let everythingBytes = 0;
  const catalogue = Array.from({ length: channels }, (_, channel) =>
    Array.from({ length: RENDITIONS }, (_, rung) => {
      const rendition = addRendition(builder, { path: `/live/channel-${channel}`, rung, count, random });
      everythingBytes += rendition.bytes;
      return rendition;
    }),
  );
  const drawChannel = zipf(channels, exponent);
  const gapMs = durationMs / (requests / (2 * MEAN_STAY_SEGMENTS));
  let viewer = 0;
  for (let start = exponential(random, gapMs); start < durationMs; start += exponential(random, gapMs)) {
    const renditions = catalogue[drawChannel(random)] ?? [];
    const back =
      random() < dvrShare
        ? HOLD_BACK_SEGMENTS + Math.floor(random() * (windowSegments - 2 * HOLD_BACK_SEGMENTS))
        : HOLD_BACK_SEGMENTS;
    const newest = windowSegments + Math.floor(start / SEGMENT_MS);
    const stay = Math.ceil(weibull(random, STAY_SHAPE, STAY_SCALE_SEGMENTS));
    const rungOf = viewerRung(random);
    for (let nth = 0; nth < stay; nth++) {
      const at = start + nth * SEGMENT_MS;
      const rendition = renditions[rungOf(nth)];
      const segment = rendition?.segments[newest - back + nth];
      if (at > durationMs || rendition === undefined || segment === undefined) break;
      builder.request(rendition.playlist, at, viewer);
      builder.request(segment, at + 1, viewer);
    }
    viewer++;
  }
  return builder.build(name, (everythingBytes * windowSegments) / count, durationMs);
}
