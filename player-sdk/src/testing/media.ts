import { createHash } from 'node:crypto';
import { leavesOf, rootOf, type Sha256 } from '@eddy/protocol';
import type { HeldSegment } from '../swarm/swarm.js';

export const nodeSha256: Sha256 = (bytes) => new Uint8Array(createHash('sha256').update(bytes).digest());

/** A segment of `bytes` bytes that look like nothing else, with its true leaves and root. */
export async function testSegment(sequence: number, bytes: number, rendition = 7): Promise<HeldSegment> {
  const body = new Uint8Array(bytes);
  let state = (sequence + 1) * 2654435761 + bytes + rendition;
  for (let index = 0; index < bytes; index++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    body[index] = state >>> 24;
  }
  const leaves = await leavesOf(body, nodeSha256);
  const root = await rootOf(leaves, nodeSha256);
  return {
    name: { rendition, sequence },
    digest: { path: `/v/${rendition}/${sequence}.m4s`, start: 0, bytes, root },
    bytes: body,
    leaves,
  };
}
