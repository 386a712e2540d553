import { OriginError } from '../errors.js';
import type { FileSource } from './file-source.js';
import { type ParseLimits, parseInThread } from './parse-thread.js';
import { at, type Track } from './sample-table.js';
import { readMetadata } from './scan.js';

/** What an MP4 holds that can be packaged. */
export interface Movie {
  readonly source: FileSource;
  readonly video: Track;
  readonly audio: Track | undefined;
}

/**
 * Reads an MP4's headers (progressive or fragmented, moov at either end).
 * @throws OriginError with the codes for input, each message naming the file.
 */
export async function probe(source: FileSource, limits?: ParseLimits): Promise<Movie> {
  try {
    const tracks = await parseInThread(await readMetadata(source), limits);
    const video = tracks.find((track) => track.kind === 'video' && track.samples.count > 0);
    const audio = tracks.find((track) => track.kind === 'audio' && track.samples.count > 0);
    if (video === undefined) {
      throw new OriginError(
        'no-video',
        `${source.name} has no video. Eddy publishes video; add a video track.`,
      );
    }
    for (const track of tracks) checkBounds(track, source);
    return { source, video, audio };
  } catch (error) {
    if (!(error instanceof OriginError) || error.message.includes(source.name)) throw error;
    throw new OriginError(error.code, `${source.name}: ${error.message}`, error);
  }
}

function checkBounds({ samples, kind }: Track, source: FileSource): void {
  for (let index = 0; index < samples.count; index++) {
    const start = at(samples.offsets, index);
    const end = start + at(samples.sizes, index);
    if (!(start >= 0 && end <= source.bytes)) {
      throw new OriginError(
        'truncated',
        `${source.name} is cut off: ${kind} frame ${index} would end at byte ${end} of ${source.bytes}. Copy it again.`,
      );
    }
  }
}
