import { renditionId, splitTokenPath } from '@eddy/protocol';
import type { Fragment } from 'hls.js';
import type { SegmentIdentity } from '../transfer/segment.js';

/** As much of a fragment as its name needs. */
export type NamedFragment = Pick<Fragment, 'url' | 'baseurl' | 'byteRange' | 'sn'>;

/**
 * Which segment a fragment is, the same for every viewer: by the paths of the segment and of its media playlist.
 * `frag.url`, not the URL asked for: CMCD adds a query there, steering changes the host.
 * Undefined: it is none that can be named (an init segment, no URL yet).
 */
export function identify(fragment: NamedFragment, live: boolean): SegmentIdentity | undefined {
  const { url, baseurl, byteRange, sn } = fragment;
  const path = pathOf(url);
  const playlistPath = pathOf(baseurl);
  if (path === undefined || playlistPath === undefined) return undefined;
  if (typeof sn !== 'number' || !Number.isSafeInteger(sn) || sn < 0) return undefined;
  const [start, end] = byteRange;
  const range = start === undefined || end === undefined ? {} : { range: { start, bytes: end - start } };
  return {
    name: { rendition: renditionId(playlistPath), sequence: sn },
    location: { path, ...range, sequence: sn, playlistPath, live },
  };
}

/** Canonical path of an absolute URL, without the token of whoever asks. */
export function pathOf(url: string): string | undefined {
  try {
    return splitTokenPath(new URL(url).pathname).path;
  } catch {
    return undefined;
  }
}
