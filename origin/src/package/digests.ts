import { createHash } from 'node:crypto';
import {
  digestBlockPath,
  encodeDigestBlock,
  leavesOf,
  MAX_BLOCK_SEGMENTS,
  MAX_SEGMENT_BYTES,
  rootOf,
  type SegmentDigest,
} from '@eddy/protocol';

const sha256 = (bytes: Uint8Array): Uint8Array => createHash('sha256').update(bytes).digest();

/** Digest of a segment at `path` (relative to its playlist). Undefined for one too large to be shared by peers. */
export async function segmentDigest(path: string, bytes: Uint8Array): Promise<SegmentDigest | undefined> {
  if (bytes.length > MAX_SEGMENT_BYTES) return undefined;
  return { path, start: 0, bytes: bytes.length, root: await rootOf(await leavesOf(bytes, sha256), sha256) };
}

/**
 * The digest blocks beside a media playlist: block n covers sequences from `n * MAX_BLOCK_SEGMENTS` on.
 *
 * @param digests by media sequence number, from 0.
 */
export function digestBlocks(
  playlistPath: string,
  digests: readonly (SegmentDigest | undefined)[],
): { path: string; bytes: Uint8Array }[] {
  const blocks: { path: string; bytes: Uint8Array }[] = [];
  for (let first = 0; first < digests.length; first += MAX_BLOCK_SEGMENTS) {
    const covered = digests.slice(first, first + MAX_BLOCK_SEGMENTS).filter((digest) => digest !== undefined);
    blocks.push({ path: digestBlockPath(playlistPath, blocks.length), bytes: encodeDigestBlock(covered) });
  }
  return blocks;
}
