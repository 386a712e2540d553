import { CHUNK_BYTES } from '../limits.js';

/**
 * SHA-256 over bytes, given from outside: `crypto.subtle` in players, `node:crypto` on servers.
 * It may be synchronous or not.
 */
export type Sha256 = (bytes: Uint8Array<ArrayBuffer>) => Uint8Array | Promise<Uint8Array>;

export const HASH_BYTES = 32;

const LEAF_PREFIX = 0x00;
const NODE_PREFIX = 0x01;

/** How many chunks a segment of `bytes` bytes has. An empty segment has one, empty, chunk. */
export function chunkCount(bytes: number): number {
  return Math.max(1, Math.ceil(bytes / CHUNK_BYTES));
}

/** Where chunk `index` of a segment of `bytes` bytes lies: `[start, end)`. */
export function chunkRange(index: number, bytes: number): { start: number; end: number } {
  const start = index * CHUNK_BYTES;
  return { start, end: Math.min(start + CHUNK_BYTES, bytes) };
}

/** Hash of one chunk as a leaf of the tree (RFC 9162 section 2.1.1: the 0x00 prefix keeps leaves and nodes apart). */
export function leafOf(chunk: Uint8Array, sha256: Sha256): Uint8Array | Promise<Uint8Array> {
  const prefixed = new Uint8Array(chunk.length + 1);
  prefixed[0] = LEAF_PREFIX;
  prefixed.set(chunk, 1);
  return sha256(prefixed);
}

/** Leaves of a whole segment, in order. */
export async function leavesOf(segment: Uint8Array, sha256: Sha256): Promise<Uint8Array[]> {
  const leaves: (Uint8Array | Promise<Uint8Array>)[] = [];
  for (let index = 0; index < chunkCount(segment.length); index++) {
    const { start, end } = chunkRange(index, segment.length);
    leaves.push(leafOf(segment.subarray(start, end), sha256));
  }
  return Promise.all(leaves);
}

/** Merkle tree hash of RFC 9162 section 2.1.1 over the leaves: the left subtree is the largest full one. */
export async function rootOf(leaves: readonly Uint8Array[], sha256: Sha256): Promise<Uint8Array> {
  const [first] = leaves;
  if (first === undefined) throw new RangeError('a Merkle tree needs at least one leaf');
  if (leaves.length === 1) return first;
  let split = 1;
  while (split * 2 < leaves.length) split *= 2;
  const node = new Uint8Array(1 + 2 * HASH_BYTES);
  node[0] = NODE_PREFIX;
  node.set(await rootOf(leaves.slice(0, split), sha256), 1);
  node.set(await rootOf(leaves.slice(split), sha256), 1 + HASH_BYTES);
  return sha256(node);
}

export function sameHash(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, index) => byte === b[index]);
}
