import { chunkCount, chunkRange, type SegmentDigest, type Sha256 } from '@eddy/protocol';
import { type Allocate, newMemory } from '../components.js';
import { verifyChunk } from '../digests/verify.js';

/** Where a chunk came from: a peer's name, or undefined for the edge. */
export type ChunkOrigin = string | undefined;

/** The chunks of one segment: which are here, and where each came from. */
export class ChunkTable {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly #origins: { readonly from: ChunkOrigin }[] = [];
  readonly #missing: Set<number>;
  #arrivedBytes = 0;

  constructor({ bytes }: SegmentDigest, allocate: Allocate = newMemory) {
    this.bytes = allocate(bytes);
    this.#missing = new Set(Array.from({ length: chunkCount(bytes) }, (_, index) => index));
  }

  get complete(): boolean {
    return this.#missing.size === 0;
  }

  get arrivedBytes(): number {
    return this.#arrivedBytes;
  }

  /** Rising. */
  get missing(): readonly number[] {
    return [...this.#missing];
  }

  isMissing(index: number): boolean {
    return this.#missing.has(index);
  }

  /** What was verified on arrival: peers' chunks. What comes from the edge is verified at the end. */
  get verified(): { readonly bytes: Uint8Array; has(chunk: number): boolean } {
    return { bytes: this.bytes, has: (chunk) => this.#origins[chunk]?.from !== undefined };
  }

  /** False: it is here already. Copies. */
  put(index: number, payload: Uint8Array, from: ChunkOrigin): boolean {
    if (!this.#missing.delete(index)) return false;
    this.bytes.set(payload, chunkRange(index, this.bytes.length).start);
    this.#origins[index] = { from };
    this.#arrivedBytes += payload.length;
    return true;
  }

  /** `bytes` of the edge are `count` chunks from `first` on. Returns how many of them were missing. */
  putRun(first: number, count: number, bytes: Uint8Array): number {
    const before = this.#arrivedBytes;
    const { start: base } = chunkRange(first, this.bytes.length);
    for (const index of range(first, count)) {
      const { start, end } = chunkRange(index, this.bytes.length);
      this.put(index, bytes.subarray(start - base, end - base), undefined);
    }
    return this.#arrivedBytes - before;
  }

  /** Bytes by where they came from. */
  provenance(): { edgeBytes: number; peerBytes: Map<string, number> } {
    const peerBytes = new Map<string, number>();
    let edgeBytes = 0;
    this.#origins.forEach(({ from }, index) => {
      const { start, end } = chunkRange(index, this.bytes.length);
      if (from === undefined) edgeBytes += end - start;
      else peerBytes.set(from, (peerBytes.get(from) ?? 0) + end - start);
    });
    return { edgeBytes, peerBytes };
  }

  /** Chunks that came from the edge, with their bytes. */
  *fromEdge(): Generator<readonly [index: number, payload: Uint8Array]> {
    for (const [index, origin] of this.#origins.entries()) {
      if (origin === undefined || origin.from !== undefined) continue;
      const { start, end } = chunkRange(index, this.bytes.length);
      yield [index, this.bytes.subarray(start, end)];
    }
  }
}

/** Whether what came from the edge belongs to the same bytes as what came from peers. */
export async function edgeBytesMatch(
  table: ChunkTable,
  leaves: readonly Uint8Array[],
  sha256: Sha256,
): Promise<boolean> {
  for (const [index, payload] of table.fromEdge()) {
    if (!(await verifyChunk(index, payload, leaves, sha256))) return false;
  }
  return true;
}

export function range(first: number, count: number): number[] {
  return Array.from({ length: count }, (_, index) => first + index);
}
