import { OriginError } from '../errors.js';
import type { FileSource } from './file-source.js';
import { at, type SampleTable } from './sample-table.js';

/** Samples nearer to each other than this are read together: a track's neighbours lie between the other's frames. */
const GAP_BYTES = 256 * 1024;
/** Of one segment; at 4 s it is 1 Gbit/s. */
export const MAX_READ_BYTES: number = 512 * 1024 * 1024;

/** Samples `[first, end)` of a table. */
export interface SampleSpan {
  /** Bytes left free before the samples, for what is written in front of them. */
  readonly lead: number;
  readonly samples: SampleTable;
  readonly first: number;
  readonly end: number;
}

/**
 * Reads the samples of several tracks, each track's concatenated in order behind its `lead`. Interleaved tracks cost one read.
 * @throws OriginError `segment-too-large` or `truncated`.
 */
export async function readSamples(source: FileSource, spans: readonly SampleSpan[]): Promise<Buffer[]> {
  const pieces: { start: number; end: number; span: number; to: number }[] = [];
  const totals = spans.map(({ samples, first, end, lead }, span) => {
    let to = lead;
    for (let sample = first; sample < end; sample++) {
      const start = at(samples.offsets, sample);
      const bytes = at(samples.sizes, sample);
      pieces.push({ start, end: start + bytes, span, to });
      to += bytes;
    }
    return to;
  });
  if (totals.reduce((sum, bytes) => sum + bytes, 0) > MAX_READ_BYTES) {
    throw new OriginError(
      'segment-too-large',
      `${source.name} has a segment over ${MAX_READ_BYTES / 2 ** 20} MiB. Give a smaller --segment-seconds, or convert it with more keyframes: ffmpeg -i IN -c:v libx264 -g 50 OUT.mp4`,
    );
  }
  const outputs = totals.map((bytes) => Buffer.allocUnsafe(bytes));
  pieces.sort((a, b) => a.start - b.start);
  for (let index = 0; index < pieces.length; ) {
    const from = pieces[index]?.start ?? 0;
    let upTo = from;
    let next = index;
    for (
      let piece = pieces[next];
      piece !== undefined && piece.start <= upTo + GAP_BYTES;
      piece = pieces[++next]
    ) {
      upTo = Math.max(upTo, piece.end);
    }
    const bytes = await source.read(from, upTo - from);
    for (const { start, end, span, to } of pieces.slice(index, next)) {
      outputs[span]?.set(bytes.subarray(start - from, end - from), to);
    }
    index = next;
  }
  return outputs;
}
