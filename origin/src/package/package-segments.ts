import type { SegmentDigest } from '@eddy/protocol';
import { segmentDigest } from './digests.js';
import type { PlannedTrack, Presentation } from './presentation.js';
import { readSamples, type SampleSpan } from './read-samples.js';
import { mediaSegment } from './segmenter.js';

/** A segment ready to be stored. */
export interface PackagedSegment {
  readonly of: PlannedTrack;
  /** From 0. */
  readonly index: number;
  readonly bytes: Buffer;
  readonly seconds: number;
  readonly digest: SegmentDigest | undefined;
}

/**
 * All segments, in order of time. Tracks of the same file are read together; the next segments are read only when
 * the consumer asks, so that memory holds what it has taken and one more.
 */
export async function* packageSegments({ videos, audio }: Presentation): AsyncGenerator<PackagedSegment> {
  const groups = videos.map((video) => (audio?.source === video.source ? [video, audio] : [video]));
  const count = Math.max(
    ...[...videos, ...(audio === undefined ? [] : [audio])].map(({ cuts }) => cuts.length),
  );
  for (let index = 0; index < count; index++) {
    for (const group of groups) {
      const due = group.filter((planned) => planned.cuts[index] !== undefined);
      const media = await readSamples(
        group[0]?.source ?? videoless(),
        due.map((planned) => spanOf(planned, index)),
      );
      for (const [position, of] of due.entries()) {
        const cut = of.cuts[index];
        const samples = media[position];
        if (cut === undefined || samples === undefined) continue;
        const bytes = mediaSegment(of.samples, cut, samples, { sequence: index, mediaTime: of.mediaTime });
        const digest = await segmentDigest(`${index}.m4s`, bytes);
        yield { of, index, bytes, seconds: cut.duration / of.track.timescale, digest };
      }
    }
  }
}

function spanOf(planned: PlannedTrack, index: number): SampleSpan {
  const cut = planned.cuts[index];
  return { samples: planned.samples, first: cut?.first ?? 0, end: cut?.end ?? 0 };
}

function videoless(): never {
  throw new RangeError('a presentation has at least one video');
}
