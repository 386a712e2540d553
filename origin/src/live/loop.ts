import { OriginError } from '../errors.js';
import type { SegmentSize } from '../package/bandwidth.js';
import { type Cut, presentationEnd } from '../package/cut.js';
import type { PlannedTrack, Presentation } from '../package/presentation.js';
import { at, emptyTable, presentationTime, type SampleTable } from '../package/sample-table.js';

/**
 * A file as an endless time line. Video of loop k stands k lengths later. Sound runs on a frame grid of its own from
 * the time line's zero on, so that frames follow each other without a gap also where the video begins anew: at that
 * point sound is up to one frame late. Sound shorter than the video begins anew within the loop; longer sound is cut.
 */
export interface Loop {
  readonly segmentsPerLoop: number;
  /** Seconds from the time line's zero at which segment `n` begins. */
  startOf(n: number): number;
  /** Segment `n` of a track: its samples as a table of their own, decode times on the time line. */
  segment(track: PlannedTrack, n: number): LoopSegment;
  /** Sizes of one loop's segments, for bandwidths: media and an upper bound of the boxes around it. */
  sizes(track: PlannedTrack): SegmentSize[];
}

export interface LoopSegment {
  readonly samples: SampleTable;
  readonly cut: Cut;
  /** Added to decode times. */
  readonly shift: number;
  readonly seconds: number;
  /** How much later than `startOf(n)` it begins, in seconds: sound waits for its next frame. */
  readonly delaySeconds: number;
}

/**
 * @param baseSeconds where on players' time line the loop begins; streams that follow each other must not overlap.
 * @throws OriginError `not-aligned` when renditions have no common keyframes to begin segments at.
 */
export function planLoop(presentation: Presentation, baseSeconds: number): Loop {
  const { videos, audio } = presentation;
  const [first] = videos;
  if (first === undefined) throw new RangeError('a presentation has at least one video');
  if (!presentation.aligned) {
    throw new OriginError(
      'not-aligned',
      'A live stream needs renditions with common keyframes. Encode all with the same -g and -force_key_frames, or give one input.',
    );
  }
  const lengthSeconds = Math.max(
    ...videos.map(({ samples, track }) => presentationEnd(samples) / track.timescale),
  );
  const closed = new Map(videos.map((video) => [video, closeLoop(video, lengthSeconds)]));
  const starts = first.cuts.map((cut) => cut.start / first.track.timescale);
  const count = starts.length;
  const startOf = (n: number): number => Math.floor(n / count) * lengthSeconds + (starts[n % count] ?? 0);
  const grid = audio === undefined ? undefined : gridOf(audio);

  const videoSegment = (video: PlannedTrack, n: number): LoopSegment => {
    const samples = closed.get(video) ?? video.samples;
    const cut = video.cuts[n % count];
    if (cut === undefined) throw new RangeError(`segment ${n}`);
    const loopStart = baseSeconds + Math.floor(n / count) * lengthSeconds;
    return {
      samples,
      cut,
      shift: Math.round(loopStart * video.track.timescale),
      seconds: startOf(n + 1) - startOf(n),
      delaySeconds: 0,
    };
  };

  const audioSegment = (track: PlannedTrack, frames: FrameGrid, n: number): LoopSegment => {
    const { timescale } = track.track;
    const frameAt = (seconds: number): number =>
      Math.ceil(((baseSeconds + seconds) * timescale) / frames.duration - 1e-6);
    const begin = frameAt(startOf(n));
    const end = frameAt(startOf(n + 1));
    const loopBegin = frameAt(startOf(n - (n % count)));
    const samples = emptyTable(end - begin);
    for (let frame = begin; frame < end; frame++) {
      const from = frames.first + ((frame - loopBegin) % frames.count);
      const to = frame - begin;
      samples.offsets[to] = at(track.samples.offsets, from);
      samples.sizes[to] = at(track.samples.sizes, from);
      samples.decodeTimes[to] = frame * frames.duration;
      samples.durations[to] = frames.duration;
      samples.sync[to] = 1;
    }
    const duration = (end - begin) * frames.duration;
    return {
      samples,
      cut: { first: 0, end: end - begin, start: 0, duration },
      shift: 0,
      seconds: duration / timescale,
      delaySeconds: (begin * frames.duration) / timescale - baseSeconds - startOf(n),
    };
  };

  const segment = (track: PlannedTrack, n: number): LoopSegment =>
    track === audio && grid !== undefined ? audioSegment(track, grid, n) : videoSegment(track, n);

  return {
    segmentsPerLoop: count,
    startOf,
    segment,
    sizes: (track) =>
      starts.map((_, n) => {
        const { samples, cut, seconds } = segment(track, n);
        let bytes = 160;
        for (let sample = cut.first; sample < cut.end; sample++) bytes += 16 + at(samples.sizes, sample);
        return { bytes, seconds };
      }),
  };
}

/** The video's samples with the last one lasting to the loop's end. */
function closeLoop({ samples, track }: PlannedTrack, lengthSeconds: number): SampleTable {
  const durations = samples.durations.slice();
  const last = samples.count - 1;
  durations[last] = Math.max(1, Math.round(lengthSeconds * track.timescale) - at(samples.decodeTimes, last));
  return { ...samples, durations };
}

interface FrameGrid {
  /** Every frame's, in the track's timescale. */
  readonly duration: number;
  /** First frame that is heard. */
  readonly first: number;
  /** Frames of one loop, as far as the file has them. */
  readonly count: number;
}

function gridOf({ samples }: PlannedTrack): FrameGrid {
  const duration = usualDuration(samples);
  let first = 0;
  while (first < samples.count - 1 && presentationTime(samples, first) < -duration / 2) first++;
  return { duration, first, count: samples.count - first };
}

function usualDuration({ durations, count }: SampleTable): number {
  const seen = new Map<number, number>();
  for (let sample = 0; sample < count; sample++) {
    const duration = at(durations, sample);
    seen.set(duration, (seen.get(duration) ?? 0) + 1);
  }
  const [usual] = [...seen].sort((a, b) => b[1] - a[1])[0] ?? [1];
  return Math.max(1, usual);
}
