import type { SegmentDigest } from '@eddy/protocol';
import { OriginError } from '../errors.js';
import type { ObjectStore } from '../storage/object-store.js';
import { bandwidthOf, type SegmentSize } from './bandwidth.js';
import { digestBlocks } from './digests.js';
import { packageSegments } from './package-segments.js';
import { renderMediaPlaylist, renderMultivariantPlaylist, targetDurationOf } from './playlist.js';
import { frameRateOf, type PlannedTrack, type Presentation, shownResolution } from './presentation.js';
import { initSegment } from './segmenter.js';
import { UploadPool } from './upload-pool.js';

export const MASTER = 'master.m3u8';
export const INDEX = 'index.m3u8';
export const INIT = 'init.mp4';
/** Media never changes under its URL, since every publication has folders of its own. */
export const IMMUTABLE = 'public, max-age=31536000, immutable';
export const MASTER_CACHE = 'public, max-age=10';

/** Memory for uploads under way. */
const UPLOAD_BYTES: number = 48 * 1024 * 1024;

export interface PublicationProgress {
  readonly segments: number;
  readonly segmentsTotal: number;
  readonly bytes: number;
}

export interface PublicationComponents {
  readonly store: ObjectStore;
  readonly onProgress?: (progress: PublicationProgress) => void;
}

export interface PublicationOptions {
  readonly name: string;
  readonly version: string;
  readonly uploads: number;
  readonly signal?: AbortSignal;
}

interface StoredTrack {
  readonly planned: PlannedTrack;
  readonly folder: string;
  readonly sizes: SegmentSize[];
  readonly digests: (SegmentDigest | undefined)[];
}

/**
 * Stores a planned presentation, playlists last. @returns bytes stored.
 * A failure removes what was written: nothing refers to it.
 */
export async function storePresentation(
  { store, onProgress }: PublicationComponents,
  { name, version, uploads, signal }: PublicationOptions,
  presentation: Presentation,
): Promise<number> {
  const { videos, audio } = presentation;
  const tracks = [...videos, ...(audio === undefined ? [] : [audio])].map(
    (planned): StoredTrack => ({ planned, folder: folderOf(name, planned, version), sizes: [], digests: [] }),
  );
  const segmentsTotal = tracks.reduce((sum, { planned }) => sum + planned.cuts.length, 0);
  const written: string[] = [];
  const pool = new UploadPool({ uploads, bytes: UPLOAD_BYTES });
  let bytes = 0;
  let segments = 0;

  const put = async (key: string, body: Uint8Array, cacheControl: string): Promise<void> => {
    written.push(key);
    await store.put(key, body, { cacheControl });
    bytes += body.length;
  };

  try {
    for (const { planned, folder } of tracks) {
      const init = initSegment(planned.track, planned.mediaTime);
      await pool.add(init.length, () => put(`${folder}/${INIT}`, init, IMMUTABLE));
    }
    for await (const segment of packageSegments(presentation)) {
      if (signal?.aborted) throw new OriginError('stopped', 'Stopped before the end. Nothing was published.');
      const track = tracks.find(({ planned }) => planned === segment.of);
      if (track === undefined) continue;
      track.sizes.push({ bytes: segment.bytes.length, seconds: segment.seconds });
      track.digests.push(segment.digest);
      await pool.add(segment.bytes.length, async () => {
        await put(`${track.folder}/${segment.index}.m4s`, segment.bytes, IMMUTABLE);
        segments += 1;
        onProgress?.({ segments, segmentsTotal, bytes });
      });
    }
    await pool.finish();
    for (const { folder, digests } of tracks) {
      for (const block of digestBlocks(`${folder}/${INDEX}`, digests))
        await put(block.path, block.bytes, IMMUTABLE);
    }
    for (const track of tracks) await put(`${track.folder}/${INDEX}`, mediaPlaylist(track), IMMUTABLE);
    if (signal?.aborted) throw new OriginError('stopped', 'Stopped before the end. Nothing was published.');
    await store.put(`${name}/${MASTER}`, multivariantPlaylist(tracks, audio, name), {
      cacheControl: MASTER_CACHE,
    });
  } catch (error) {
    await pool.settle();
    for (const key of written) await store.delete(key).catch(() => undefined);
    throw error;
  }
  return bytes;
}

export function folderOf(name: string, planned: PlannedTrack, version: string): string {
  return `${name}/${planned.label}-${version}`;
}

function targetOf({ sizes }: StoredTrack): number {
  return targetDurationOf(sizes.map(({ seconds }) => seconds));
}

function mediaPlaylist(track: StoredTrack): Buffer {
  return Buffer.from(
    renderMediaPlaylist({
      targetDuration: targetOf(track),
      mediaSequence: 0,
      mapUri: INIT,
      segments: track.sizes.map(({ seconds }, index) => ({ uri: `${index}.m4s`, seconds })),
      independent: track.planned.independent,
      state: 'vod',
    }),
  );
}

function multivariantPlaylist(
  tracks: readonly StoredTrack[],
  audio: PlannedTrack | undefined,
  name: string,
): Buffer {
  const entries = tracks.map((track) => ({
    planned: track.planned,
    uri: `${track.folder.slice(name.length + 1)}/${INDEX}`,
    codec: track.planned.track.codec,
    bandwidth: bandwidthOf(track.sizes, targetOf(track)),
    language: track.planned.track.language,
  }));
  return Buffer.from(
    renderMultivariantPlaylist({
      videos: entries
        .filter(({ planned }) => planned !== audio)
        .map((entry) => ({
          ...entry,
          ...shownResolution(entry.planned.track),
          frameRate: frameRateOf(entry.planned),
        })),
      audio: entries.find(({ planned }) => planned === audio),
      independent: tracks.every(({ planned }) => planned.independent),
    }),
  );
}
