import { chunkCount, type PeerFrame } from '@eddy/protocol';
import type { PartialSegment, SegmentName } from '../swarm/swarm.js';
import { partsFrame } from './news.js';

/** Segments that are on their way here, of which others may have what has come. There are one or two at a time. */
export class Partials {
  readonly #all = new Set<PartialSegment>();

  add(partial: PartialSegment): void {
    this.forget(partial.name);
    this.#all.add(partial);
  }

  includes(partial: PartialSegment): boolean {
    return this.#all.has(partial);
  }

  /** False: it was not there any more. */
  remove(partial: PartialSegment): boolean {
    return this.#all.delete(partial);
  }

  forget({ rendition, sequence }: SegmentName): void {
    for (const partial of this.#all) {
      if (partial.name.rendition === rendition && partial.name.sequence === sequence)
        this.#all.delete(partial);
    }
  }

  /** Gives up those that match, and returns them. What comes of them afterwards is not given on. */
  drop(matches: (segment: PartialSegment) => boolean): PartialSegment[] {
    const dropped = [...this.#all].filter(matches);
    for (const partial of dropped) this.#all.delete(partial);
    return dropped;
  }

  byRoot(root: Uint8Array): PartialSegment | undefined {
    for (const partial of this.#all) if (sameBytes(partial.digest.root, root)) return partial;
    return undefined;
  }

  /** What tells a newcomer of all of it. */
  frames(): PeerFrame[] {
    return [...this.#all].map(({ name, digest, has }) => {
      const chunks = Array.from({ length: chunkCount(digest.bytes) }, (_, index) => index);
      return partsFrame(name, chunks.filter(has));
    });
  }

  clear(): void {
    this.#all.clear();
  }
}

function sameBytes(one: Uint8Array, other: Uint8Array): boolean {
  return one.length === other.length && one.every((byte, index) => byte === other[index]);
}
