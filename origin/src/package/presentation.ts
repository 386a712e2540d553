import { audioCuts, type Cut, keyframesOf, planStarts, presentationEnd, videoCuts } from './cut.js';
import type { FileSource } from './file-source.js';
import type { Movie } from './probe.js';
import type { SampleTable, Track } from './sample-table.js';
import { audioTimeline, videoTimeline } from './timeline.js';

/** One track as it will be published: its samples on the presentation's time line and where they are cut. */
export interface PlannedTrack {
  /** `720p`, `audio`: unique in the presentation. */
  readonly label: string;
  readonly source: FileSource;
  readonly track: Track;
  readonly samples: SampleTable;
  /** Media time at which the presentation starts, for the init segment's edit list. */
  readonly mediaTime: number;
  readonly cuts: readonly Cut[];
  /** Every segment can be decoded without the one before. */
  readonly independent: boolean;
}

export interface Presentation {
  readonly videos: readonly PlannedTrack[];
  readonly audio: PlannedTrack | undefined;
  /** Segments begin at the same times in all renditions. */
  readonly aligned: boolean;
  /** Of the first video. */
  readonly seconds: number;
}

/**
 * Plans renditions of one video. Sound is the first input's that has some.
 * @throws OriginError `no-keyframes` or `edit-list`.
 */
export function planPresentation(movies: readonly Movie[], segmentSeconds: number): Presentation {
  const timelines = movies.map((movie) => ({ movie, ...videoTimeline(movie.video) }));
  const keyframes = timelines.map(({ samples, movie }) => keyframesOf(samples, movie.video.timescale));
  const { renditions, aligned } = planStarts(keyframes, segmentSeconds, frameSeconds(timelines));
  const labels = labelsOf(movies);
  const videos = timelines.map(({ movie, samples }, index): PlannedTrack => {
    const starts = renditions[index] ?? [];
    return {
      label: labels[index] ?? `video-${index}`,
      source: movie.source,
      track: movie.video,
      samples,
      mediaTime: timelines[index]?.mediaTime ?? 0,
      cuts: videoCuts(samples, starts),
      independent: starts.every((keyframe) => keyframe.closed),
    };
  });
  const first = timelines[0];
  return {
    videos,
    audio: planAudio(
      timelines,
      renditions.map((starts) => starts.map((start) => start.seconds)),
      segmentSeconds,
    ),
    aligned,
    seconds: first === undefined ? 0 : presentationEnd(first.samples) / first.movie.video.timescale,
  };
}

function planAudio(
  timelines: readonly { movie: Movie; originSeconds: number }[],
  starts: readonly (readonly number[])[],
  segmentSeconds: number,
): PlannedTrack | undefined {
  const index = timelines.findIndex(({ movie }) => movie.audio !== undefined);
  const timeline = timelines[index];
  const track = timeline?.movie.audio;
  if (timeline === undefined || track === undefined) return undefined;
  const samples = audioTimeline(track, timeline.originSeconds);
  if (samples === undefined) return undefined;
  const cuts = audioCuts(samples, track.timescale, starts[index] ?? [0], segmentSeconds);
  return {
    label: 'audio',
    source: timeline.movie.source,
    track,
    samples,
    mediaTime: 0,
    cuts,
    independent: true,
  };
}

/** The longest usual frame: how early a keyframe may be to count as on time. */
function frameSeconds(timelines: readonly { movie: Movie; samples: SampleTable }[]): number {
  return Math.max(
    ...timelines.map(
      ({ movie, samples }) => presentationEnd(samples) / movie.video.timescale / samples.count,
    ),
  );
}

/** By height as people say it, after rotation; a second one of a height gets a number. */
function labelsOf(movies: readonly Movie[]): string[] {
  const seen = new Map<string, number>();
  return movies.map(({ video }) => {
    const label = `${Math.min(video.width, video.height)}p`;
    const count = (seen.get(label) ?? 0) + 1;
    seen.set(label, count);
    return count === 1 ? label : `${label}-${count}`;
  });
}

/** Size as shown: a quarter turn in the track's matrix swaps the sides. */
export function shownResolution({ width, height, matrix }: Track): { width: number; height: number } {
  const turned = (matrix[0] ?? 0) === 0 && (matrix[1] ?? 0) !== 0;
  return turned ? { width: height, height: width } : { width, height };
}

export function frameRateOf({ samples, track }: PlannedTrack): number {
  return samples.count / (presentationEnd(samples) / track.timescale);
}
