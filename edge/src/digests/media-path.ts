import { MAX_PATH_BYTES } from '@eddy/protocol';

/** What HLS media segments are called. Playlists, keys and subtitles are not shared between viewers. */
const MEDIA_EXTENSIONS: ReadonlySet<string> = new Set([
  'aac',
  'ac3',
  'cmfa',
  'cmfv',
  'ec3',
  'fmp4',
  'm2ts',
  'm4a',
  'm4f',
  'm4s',
  'm4v',
  'mp3',
  'mp4',
  'mts',
  'ts',
]);

/** Canonical paths are printable ASCII; anything else has no place in a digest block. */
const PRINTABLE = /^[\x20-\x7e]+$/;

/** Whether the canonical path names a media segment that viewers may share. */
export function isMediaPath(path: string): boolean {
  if (path.length > MAX_PATH_BYTES || !PRINTABLE.test(path)) return false;
  const dot = path.lastIndexOf('.');
  return dot > path.lastIndexOf('/') && MEDIA_EXTENSIONS.has(path.slice(dot + 1).toLowerCase());
}
