import { randomBytes } from 'node:crypto';
import { describeError, OriginError } from '../errors.js';
import type { ObjectStore } from '../storage/object-store.js';
import { type FileSource, openFileSource } from './file-source.js';
import { planPresentation } from './presentation.js';
import { checkName, nameFromFile, versionName } from './presentation-name.js';
import { type Movie, probe } from './probe.js';
import { folderOf, INDEX, MASTER, type PublicationProgress, storePresentation } from './publication.js';
import { removeOutdated, versionInPlaylist } from './replaced.js';

export interface PublishComponents {
  readonly store: ObjectStore;
  /** Default: the system's clock. */
  readonly now?: () => Date;
  /** Four hex digits that tell publications of the same second apart. Default: random. */
  readonly versionSuffix?: () => string;
  readonly onProgress?: (progress: PublicationProgress) => void;
}

export interface PublishOptions {
  /** MP4 files: renditions of one video. Sound is the first's that has some. */
  readonly inputs: readonly string[];
  /** Default: the first input's file name without its extension. */
  readonly name?: string;
  /** A segment ends at the first keyframe at or after this. Default 4. */
  readonly segmentSeconds?: number;
  /** Uploads at once. Default 4. */
  readonly uploads?: number;
  /** Ends the run as a failure does: what it uploaded is removed. */
  readonly signal?: AbortSignal;
}

export interface Published {
  readonly name: string;
  /** Key of the multivariant playlist. */
  readonly key: string;
  readonly renditions: readonly PublishedRendition[];
  readonly seconds: number;
  readonly bytes: number;
  /** What the user should know: renditions that could not be aligned, say. */
  readonly warnings: readonly string[];
}

export interface PublishedRendition {
  /** `720p`, `audio`. */
  readonly label: string;
  /** Key of the media playlist. */
  readonly key: string;
  readonly codec: string;
  readonly segments: number;
}

const DEFAULT_SEGMENT_SECONDS = 4;
const DEFAULT_UPLOADS = 4;

/**
 * Packages MP4s as CMAF HLS and stores them: media first, then digest blocks, media playlists, and last the
 * multivariant playlist, so that nobody sees a hole. A presentation of the same name is replaced by that last write;
 * who plays the old one plays it to its end, since its media stay until the next publication.
 *
 * @throws OriginError. Nothing of this run is left in the store then.
 */
export async function publish(components: PublishComponents, options: PublishOptions): Promise<Published> {
  const { store, onProgress } = components;
  const [firstInput] = options.inputs;
  if (firstInput === undefined) throw new OriginError('usage', 'Name at least one MP4 file to publish.');
  const name = checkName(options.name ?? nameFromFile(firstInput));
  const target = checkSegmentSeconds(options.segmentSeconds ?? DEFAULT_SEGMENT_SECONDS);
  const sources: FileSource[] = [];
  try {
    const presentation = planPresentation(await probeAll(options.inputs, sources), target);
    const replaced = await publishedVersion(store, name);
    const version = versionName(
      components.now?.() ?? new Date(),
      components.versionSuffix?.() ?? randomHex(),
    );
    const bytes = await storePresentation(
      { store, ...(onProgress && { onProgress }) },
      {
        name,
        version,
        uploads: options.uploads ?? DEFAULT_UPLOADS,
        ...(options.signal && { signal: options.signal }),
      },
      presentation,
    );
    const warnings = presentation.aligned ? [] : [UNALIGNED];
    if (replaced !== undefined) {
      await removeOutdated(store, name, replaced).catch((error: unknown) => {
        warnings.push(`Media of earlier publications could not be removed: ${describeError(error)}`);
      });
    }
    const tracks = [
      ...presentation.videos,
      ...(presentation.audio === undefined ? [] : [presentation.audio]),
    ];
    return {
      name,
      key: `${name}/${MASTER}`,
      renditions: tracks.map((planned) => ({
        label: planned.label,
        key: `${folderOf(name, planned, version)}/${INDEX}`,
        codec: planned.track.codec,
        segments: planned.cuts.length,
      })),
      seconds: presentation.seconds,
      bytes,
      warnings,
    };
  } finally {
    await Promise.all(sources.map((source) => source.close()));
  }
}

const UNALIGNED =
  'Keyframes of the inputs do not align, so players may show a short jump when they switch. Encode all with the same -g and -force_key_frames.';

/** Opens and probes the inputs; opened ones are in `sources` also when one fails. */
export async function probeAll(inputs: readonly string[], sources: FileSource[]): Promise<Movie[]> {
  const movies: Movie[] = [];
  for (const input of inputs) {
    const source = await openFileSource(input);
    sources.push(source);
    movies.push(await probe(source));
  }
  return movies;
}

/** @throws OriginError `usage`. */
export function checkSegmentSeconds(seconds: number): number {
  if (seconds > 0 && seconds <= 60) return seconds;
  throw new OriginError('usage', '--segment-seconds must be more than 0 and at most 60.');
}

async function publishedVersion(store: ObjectStore, name: string): Promise<string | undefined> {
  const key = `${name}/${MASTER}`;
  if ((await store.head(key)) === undefined) return undefined;
  return versionInPlaylist((await store.get(key)).body.toString('utf8'));
}

function randomHex(): string {
  return randomBytes(2).toString('hex');
}
