import { normal, type Random, weighted } from './random.js';
import type { TraceBuilder } from './trace.js';

export const SEGMENT_MS = 4_000;

/** Renditions and the share of viewers whose link settles there. */
const LADDER: readonly { readonly name: string; readonly bitsPerSecond: number; readonly share: number }[] = [
  { name: '360p', bitsPerSecond: 800_000, share: 0.15 },
  { name: '540p', bitsPerSecond: 1_800_000, share: 0.2 },
  { name: '720p', bitsPerSecond: 3_200_000, share: 0.35 },
  { name: '1080p', bitsPerSecond: 5_500_000, share: 0.3 },
];

export const RENDITIONS: number = LADDER.length;
const drawRung = weighted(LADDER.map(({ share }) => share));
/** How often a viewer's link changes its mind, per segment. */
const SWITCH_CHANCE = 0.01;
/** Scenes differ: deviation of the logarithm of a segment's size. */
const SIZE_DEVIATION = 0.25;
const PLAYLIST_LINE_BYTES = 40;

export interface Rendition {
  readonly playlist: number;
  readonly segments: number[];
  /** What all its segments weigh. */
  readonly bytes: number;
}

/** Adds one rendition with `count` segments, numbered from 0, to the trace. */
export function addRendition(
  builder: TraceBuilder,
  options: { readonly path: string; readonly rung: number; readonly count: number; readonly random: Random },
): Rendition {
  const { path, rung, count, random } = options;
  const rate = LADDER[rung];
  if (rate === undefined) throw new RangeError(`the ladder has no rung ${rung}`);
  const folder = `${path}/${rate.name}`;
  const playlist = builder.object(`${folder}/index.m3u8`, 200 + PLAYLIST_LINE_BYTES * count);
  const mean = (rate.bitsPerSecond * SEGMENT_MS) / 8000;
  let bytes = 0;
  const segments = Array.from({ length: count }, (_, number) => {
    const size = mean * Math.exp(SIZE_DEVIATION * normal(random) - SIZE_DEVIATION ** 2 / 2);
    bytes += size;
    const segment = builder.object(`${folder}/segment-${String(number).padStart(5, '0')}.m4s`, size);
    if (number > 0) builder.follows(segment - 1, segment);
    return segment;
  });
  return { playlist, segments, bytes };
}

/** One viewer's choice of rung from segment to segment: low for the start, then what the link carries. */
export function viewerRung(random: Random): (nth: number) => number {
  let rung = drawRung(random);
  return (nth) => {
    if (nth < 2) return Math.min(rung, 1);
    if (random() < SWITCH_CHANCE) {
      rung = Math.min(RENDITIONS - 1, Math.max(0, rung + (random() < 0.5 ? -1 : 1)));
    }
    return rung;
  };
}
