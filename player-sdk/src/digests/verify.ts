import { chunkCount, leafOf, rootOf, type SegmentDigest, type Sha256, sameHash } from '@eddy/protocol';

/** SHA-256 by the platform. */
export function subtleSha256(subtle: SubtleCrypto): Sha256 {
  return async (bytes) => new Uint8Array(await subtle.digest('SHA-256', bytes));
}

/**
 * SHA-256 of this page, or undefined where there is none: browsers keep `crypto.subtle` from pages that came
 * over plain http from anywhere but this machine. Nothing from peers can be verified there.
 */
export function pageSha256(): Sha256 | undefined {
  const subtle: SubtleCrypto | undefined = globalThis.crypto?.subtle;
  return subtle === undefined ? undefined : subtleSha256(subtle);
}

/** Whether these are the leaves of that segment: as many as its length has chunks, adding up to its root. */
export async function verifyLeaves(
  leaves: readonly Uint8Array[],
  digest: SegmentDigest,
  sha256: Sha256,
): Promise<boolean> {
  if (leaves.length !== chunkCount(digest.bytes)) return false;
  return sameHash(await rootOf(leaves, sha256), digest.root);
}

/** Whether `payload` is chunk `index` of the segment with these (verified) leaves. */
export async function verifyChunk(
  index: number,
  payload: Uint8Array,
  leaves: readonly Uint8Array[],
  sha256: Sha256,
): Promise<boolean> {
  const leaf = leaves[index];
  return leaf !== undefined && sameHash(await leafOf(payload, sha256), leaf);
}
