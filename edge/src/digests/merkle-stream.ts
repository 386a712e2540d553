import { createHash, type Hash } from 'node:crypto';
import { CHUNK_BYTES, HASH_BYTES } from '@eddy/protocol';

const LEAF_PREFIX = Uint8Array.of(0);
const NODE_PREFIX = Uint8Array.of(1);

/**
 * SHA-256 Merkle root over 64 KiB chunks (RFC 9162 section 2.1.1), fed with pieces of any size. Holds 32 bytes a
 * chunk and never a copy of what it is fed.
 */
export class MerkleStream {
  readonly #leaves: Buffer[] = [];
  #leaf: Hash = newLeaf();
  #leafBytes = 0;
  #totalBytes = 0;

  get totalBytes(): number {
    return this.#totalBytes;
  }

  update(piece: Uint8Array): void {
    let at = 0;
    while (at < piece.length) {
      if (this.#leafBytes === CHUNK_BYTES) this.#endLeaf();
      const taken = Math.min(CHUNK_BYTES - this.#leafBytes, piece.length - at);
      this.#leaf.update(piece.subarray(at, at + taken));
      this.#leafBytes += taken;
      at += taken;
    }
    this.#totalBytes += piece.length;
  }

  /** The root of all that was fed. Nothing may be fed after it. */
  root(): Buffer {
    // Also when nothing was fed: an empty segment has one, empty, chunk.
    this.#endLeaf();
    return treeHash(this.#leaves, 0, this.#leaves.length);
  }

  #endLeaf(): void {
    this.#leaves.push(this.#leaf.digest());
    this.#leaf = newLeaf();
    this.#leafBytes = 0;
  }
}

function newLeaf(): Hash {
  return createHash('sha256').update(LEAF_PREFIX);
}

function treeHash(leaves: readonly Buffer[], from: number, to: number): Buffer {
  const first = leaves[from];
  if (to - from <= 1) return first ?? Buffer.alloc(HASH_BYTES);
  let split = 1;
  while (split * 2 < to - from) split *= 2;
  return createHash('sha256')
    .update(NODE_PREFIX)
    .update(treeHash(leaves, from, from + split))
    .update(treeHash(leaves, from + split, to))
    .digest();
}
