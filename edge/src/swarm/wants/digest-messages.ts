import {
  encodeDigestBlock,
  MAX_BLOCK_SEGMENTS,
  MAX_SIGNALING_BYTES,
  type SegmentDigest,
} from '@eddy/protocol';

/** Head of a block, and what a segment takes beside its path. */
const HEAD_BYTES = 16;
const SEGMENT_BYTES = 64;

/** Digest blocks that are each within the size of one signaling message. */
export function digestMessages(digests: readonly SegmentDigest[]): Uint8Array[] {
  const messages: Uint8Array[] = [];
  let batch: SegmentDigest[] = [];
  let bytes = HEAD_BYTES;
  for (const digest of digests) {
    const more = SEGMENT_BYTES + digest.path.length;
    if (batch.length === MAX_BLOCK_SEGMENTS || bytes + more > MAX_SIGNALING_BYTES) {
      messages.push(encodeDigestBlock(batch));
      batch = [];
      bytes = HEAD_BYTES;
    }
    batch.push(digest);
    bytes += more;
  }
  if (batch.length > 0) messages.push(encodeDigestBlock(batch));
  return messages;
}
