import type { SegmentDigest } from '@eddy/protocol';
import { segmentDigest } from './digests.js';
import type { PlannedTrack, Presentation } from './presentation.js';
import { readSamples } from './read-samples.js';
import { segmentHead } from './segmenter.js';

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
      const due = group.flatMap((of) => {
        const cut = of.cuts[index];
        if (cut === undefined) return [];
        return [
          { of, cut, head: segmentHead(of.samples, cut, { sequence: index, mediaTime: of.mediaTime }) },
        ];
      });
      const [first] = due;
      if (first === undefined) continue;
      const spans = due.map(({ of, cut, head }) => ({ ...cut, samples: of.samples, lead: head.length }));
      const segments = await readSamples(first.of.source, spans);
      for (const [position, { of, cut, head }] of due.entries()) {
        const bytes = segments[position];
        if (bytes === undefined) continue;
        bytes.set(head);
        const digest = await segmentDigest(`${index}.m4s`, bytes);
        yield { of, index, bytes, seconds: cut.duration / of.track.timescale, digest };
      }
    }
  }
}
