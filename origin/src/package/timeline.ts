import { OriginError } from '../errors.js';
import { at, type Edit, emptyTable, presentationTime, type SampleTable, type Track } from './sample-table.js';

/**
 * Applies edit lists. The presentation begins at 0 with the first picture that can be decoded and that the edit list
 * shows (or, where an edit begins between keyframes, with the keyframe before it). Sound keeps its place beside
 * the picture: what precedes the first picture gets negative presentation times, which players do not play, and of it
 * only `PREROLL_SECONDS` stay, since decoders need some frames to run in (AAC one, HE-AAC three).
 */
const PREROLL_SECONDS = 0.1;

/** Where a track's media stands on the movie's time line, in the track's units. */
interface Placement {
  /** Movie time of media time 0; may be negative. */
  readonly shift: number;
  /** Media times that are shown: `[from, to)`. */
  readonly from: number;
  readonly to: number;
}

/** A video's samples from its first shown picture on, and where on the movie's time line that is, in seconds. */
export interface VideoTimeline {
  readonly samples: SampleTable;
  /** What must be added to composition offsets so that none is negative; an edit list takes it back. */
  readonly mediaTime: number;
  readonly originSeconds: number;
}

/** @throws OriginError `no-keyframes` or `edit-list`. */
export function videoTimeline(track: Track): VideoTimeline {
  const { samples } = track;
  const placement = place(track);
  const first = firstKeyframe(samples, placement.from);
  if (first === undefined) {
    throw new OriginError(
      'no-keyframes',
      'The video has no keyframes. Convert it: ffmpeg -i IN -c:v libx264 -g 50 -c:a copy OUT.mp4',
    );
  }
  const origin = presentationTime(samples, first);
  const kept = [first];
  for (let index = first + 1; index < samples.count; index++) {
    // Pictures shown before the first keyframe refer to pictures that are not there.
    if (presentationTime(samples, index) >= origin) kept.push(index);
  }
  while (kept.length > 1 && presentationTime(samples, kept[kept.length - 1] ?? first) >= placement.to)
    kept.pop();
  const compositionShift = at(samples.decodeTimes, first) - origin;
  let least = 0;
  for (const index of kept) least = Math.min(least, at(samples.compositions, index) + compositionShift);
  return {
    samples: rebase(samples, kept, 0, compositionShift),
    mediaTime: -least,
    originSeconds: (origin + placement.shift) / track.timescale,
  };
}

/** Sound beside a video that begins at `originSeconds`. Undefined when nothing of it is left. */
export function audioTimeline(track: Track, originSeconds: number): SampleTable | undefined {
  const { samples, timescale } = track;
  const placement = place(track);
  const shift = placement.shift - Math.round(originSeconds * timescale);
  const earliest = -PREROLL_SECONDS * timescale;
  const kept: number[] = [];
  for (let index = 0; index < samples.count; index++) {
    const start = presentationTime(samples, index);
    if (start + shift + at(samples.durations, index) > earliest && start < placement.to) kept.push(index);
  }
  const first = kept[0];
  if (first === undefined) return undefined;
  const start = presentationTime(samples, first) + shift;
  return rebase(samples, kept, Math.max(0, start), Math.min(0, start) - at(samples.compositions, first));
}

/** Samples `kept`, with decode times from `decodeStart` on and `compositionShift` added to every composition offset. */
function rebase(
  samples: SampleTable,
  kept: readonly number[],
  decodeStart: number,
  compositionShift: number,
): SampleTable {
  const table = emptyTable(kept.length);
  const base = at(samples.decodeTimes, kept[0] ?? 0) - decodeStart;
  for (const [to, from] of kept.entries()) {
    const next = kept[to + 1];
    const decodeTime = at(samples.decodeTimes, from);
    table.offsets[to] = at(samples.offsets, from);
    table.sizes[to] = at(samples.sizes, from);
    table.decodeTimes[to] = decodeTime - base;
    table.durations[to] =
      next === undefined ? at(samples.durations, from) : at(samples.decodeTimes, next) - decodeTime;
    table.compositions[to] = at(samples.compositions, from) + compositionShift;
    table.sync[to] = at(samples.sync, from);
  }
  return table;
}

/** Last keyframe that is shown no later than `from`, or else the first one there is. */
function firstKeyframe(samples: SampleTable, from: number): number | undefined {
  let found: number | undefined;
  for (let index = 0; index < samples.count; index++) {
    if (at(samples.sync, index) === 0) continue;
    if (found !== undefined && presentationTime(samples, index) > from) break;
    found = index;
  }
  return found;
}

/**
 * Empty edits first, then one stretch of media: what cameras, ffmpeg and trimmed recordings have.
 * @throws OriginError `edit-list` for cuts in the middle, repeats and other speeds, which need re-encoding.
 */
function place({ edits, timescale, movieTimescale, samples }: Track): Placement {
  const toMedia = (duration: number): number => Math.round((duration * timescale) / movieTimescale);
  let empty = 0;
  let media: Edit | undefined;
  let length = 0;
  for (const edit of edits) {
    if (edit.mediaTime === -1) {
      if (media === undefined) empty += toMedia(edit.duration);
      continue;
    }
    const continues =
      media !== undefined && Math.abs(edit.mediaTime - (media.mediaTime + length)) <= timescale / 1000;
    if (edit.rate !== 1 || (media !== undefined && !continues)) {
      throw new OriginError(
        'edit-list',
        'The file is edited into several pieces, which only an editor can join. Convert it: ffmpeg -i IN -c:v libx264 -c:a aac OUT.mp4',
      );
    }
    media ??= edit;
    length += toMedia(edit.duration);
  }
  const from = media?.mediaTime ?? earliest(samples);
  // Fragmented files declare no length. Lengths are rounded to the movie's coarser timescale, so a frame that
  // begins in the last unit begins after the end.
  const to = length > 0 ? from + length - timescale / movieTimescale : Number.POSITIVE_INFINITY;
  return { shift: empty - (media?.mediaTime ?? 0), from, to };
}

function earliest(samples: SampleTable): number {
  let least = Number.POSITIVE_INFINITY;
  for (let index = 0; index < Math.min(samples.count, 64); index++)
    least = Math.min(least, presentationTime(samples, index));
  return least;
}
