import { describe, expect, it } from 'vitest';
import { nodeSha256, testSegment } from '../testing/media.js';
import { pageSha256, verifyChunk, verifyLeaves } from './verify.js';

describe('verification', () => {
  it('accepts the leaves of a segment, and no others', async () => {
    const { digest, leaves } = await testSegment(1, 200_000);
    expect(await verifyLeaves(leaves, digest, nodeSha256)).toBe(true);
    expect(await verifyLeaves([...leaves].reverse(), digest, nodeSha256)).toBe(false);
    expect(await verifyLeaves(leaves.slice(1), digest, nodeSha256)).toBe(false);
    expect(await verifyLeaves([], digest, nodeSha256)).toBe(false);
    // The root itself is one hash that adds up to the root, but of another number of chunks.
    expect(await verifyLeaves([digest.root], digest, nodeSha256)).toBe(false);
  });

  it('accepts a chunk in its place, and in no other', async () => {
    const { bytes, leaves } = await testSegment(1, 200_000);
    const chunk = bytes.subarray(65_536, 131_072);
    expect(await verifyChunk(1, chunk, leaves, nodeSha256)).toBe(true);
    expect(await verifyChunk(0, chunk, leaves, nodeSha256)).toBe(false);
    expect(await verifyChunk(9, chunk, leaves, nodeSha256)).toBe(false);
    const changed = chunk.slice();
    changed[65_535] = (changed[65_535] ?? 0) ^ 1;
    expect(await verifyChunk(1, changed, leaves, nodeSha256)).toBe(false);
  });

  it('is the same by the platform', async () => {
    const sha256 = pageSha256();
    expect(sha256).toBeDefined();
    const { digest, leaves, bytes } = await testSegment(2, 100_000);
    if (sha256 === undefined) return;
    expect(await verifyLeaves(leaves, digest, sha256)).toBe(true);
    expect(await verifyChunk(0, bytes.subarray(0, 65_536), leaves, sha256)).toBe(true);
  });
});
