import { addRendition, RENDITIONS, type Rendition, SEGMENT_MS, viewerRung } from './ladder.js';
import { exponential, normal, type Random, seededRandom, weibull, zipf } from './random.js';
import { type Trace, TraceBuilder } from './trace.js';

export interface VodOptions {
  readonly titles: number;
  /** Zipf exponent of how titles are chosen. */
  readonly exponent: number;
  readonly requests: number;
  readonly durationMs: number;
  readonly seed: number;
}

const MEDIAN_SEGMENTS = 150;
const LENGTH_DEVIATION = 0.7;
const MIN_SEGMENTS = 15;
const MAX_SEGMENTS = 900;
/** Share of titles that come out while the trace runs; each takes the rank of an old one from then on. */
const NEW_SHARE = 0.1;
/** Most viewers leave early; the tail stays to the end. */
const STAY_SHAPE = 0.6;
const STAY_SCALE_OF_LENGTH = 0.4;
const SEEK_CHANCE = 0.004;
/** Segments that fill the buffer at the start and after a seek, and how fast they are asked for. */
const BURST_SEGMENTS = 6;
const BURST_MS = 500;

/** Viewers of a library: they begin at the start, mostly leave early, sometimes seek, sometimes switch. */
export function vodTrace(name: string, options: VodOptions): Trace {
  const { titles, exponent, requests, durationMs, seed } = options;
  const random = seededRandom(seed);
  const builder = new TraceBuilder();
  const catalogue = Array.from({ length: titles }, (_, title) => {
    const length = Math.round(MEDIAN_SEGMENTS * Math.exp(LENGTH_DEVIATION * normal(random)));
    const count = Math.min(MAX_SEGMENTS, Math.max(MIN_SEGMENTS, length));
    return Array.from({ length: RENDITIONS }, (_, rung) =>
      addRendition(builder, { path: `/vod/title-${title}`, rung, count, random }),
    );
  });
  const catalogueBytes = catalogue.flat().reduce((sum, { bytes }) => sum + bytes, 0);
  const byRank = ranking(titles, durationMs, random);
  const drawRank = zipf(titles, exponent);
  // Sessions come at an even rate; how many are needed shows as they are drawn.
  const starts: number[] = [];
  const sessions: { readonly title: number; readonly startMs: number }[] = [];
  const perSession = MEDIAN_SEGMENTS * 0.38;
  const gapMs = durationMs / (requests / perSession);
  for (let at = exponential(random, gapMs); at < durationMs; at += exponential(random, gapMs)) {
    starts.push(at);
    sessions.push({ title: byRank(drawRank(random), at), startMs: at });
  }
  for (const [viewer, { title, startMs }] of sessions.entries()) {
    const renditions = catalogue[title];
    if (renditions !== undefined) watch(builder, renditions, { startMs, viewer, random });
  }
  return builder.build(name, catalogueBytes, durationMs);
}

/** Who holds which rank when: new titles push in at random ranks, the best ones included. */
function ranking(titles: number, durationMs: number, random: Random): (rank: number, atMs: number) => number {
  const newcomers = Math.round(titles * NEW_SHARE);
  const old = titles - newcomers;
  const changes = Array.from({ length: newcomers }, (_, index) => ({
    atMs: random() * durationMs,
    rank: Math.floor(random() ** 2 * old),
    title: old + index,
  })).sort((a, b) => b.atMs - a.atMs);
  return (rank, atMs) =>
    changes.find((change) => change.rank === rank % old && change.atMs <= atMs)?.title ?? rank % old;
}

function watch(
  builder: TraceBuilder,
  renditions: readonly Rendition[],
  session: { readonly startMs: number; readonly viewer: number; readonly random: Random },
): void {
  const { startMs, viewer, random } = session;
  const length = renditions[0]?.segments.length ?? 0;
  const stay = Math.ceil(weibull(random, STAY_SHAPE, STAY_SCALE_OF_LENGTH * length));
  const rungOf = viewerRung(random);
  let at = startMs;
  let position = 0;
  let burst = BURST_SEGMENTS;
  let last: Rendition | undefined;
  for (let nth = 0; nth < stay && position < length; nth++) {
    const rendition = renditions[rungOf(nth)];
    if (rendition === undefined) return;
    if (rendition !== last) builder.request(rendition.playlist, at, viewer);
    last = rendition;
    builder.request(rendition.segments[position] ?? rendition.playlist, at + 1, viewer);
    at += burst > 0 ? BURST_MS : SEGMENT_MS;
    burst--;
    position++;
    if (random() < SEEK_CHANCE) {
      position = Math.floor(random() * length);
      burst = BURST_SEGMENTS;
    }
  }
}
