import { MAX_HAVE_RUNS, type PeerFrame } from '@eddy/protocol';
import type { SegmentName } from '../swarm/swarm.js';
import { runsOf } from './announcements.js';

/** Frames that announce (or withdraw) these segments: one a rendition, unless its runs need more. */
export function announcementFrames(type: 'have' | 'lost', names: readonly SegmentName[]): PeerFrame[] {
  const sequences = new Map<number, number[]>();
  for (const { rendition, sequence } of names) {
    const known = sequences.get(rendition);
    if (known === undefined) sequences.set(rendition, [sequence]);
    else known.push(sequence);
  }
  const frames: PeerFrame[] = [];
  for (const [rendition, numbers] of sequences) {
    const runs = runsOf(numbers);
    for (let at = 0; at < runs.length; at += MAX_HAVE_RUNS) {
      frames.push({ type, rendition, runs: runs.slice(at, at + MAX_HAVE_RUNS) });
    }
  }
  return frames;
}

/** A frame that announces these chunks; of a segment in more pieces than a frame can tell, the first ones. */
export function partsFrame(name: SegmentName, chunks: readonly number[]): PeerFrame {
  return { type: 'parts', ...name, runs: runsOf(chunks).slice(0, MAX_HAVE_RUNS) };
}

/** Segments that came and went since the others were last told. What came and went in between is not told. */
export class News {
  readonly #latest = new Map<string, { readonly name: SegmentName; readonly held: boolean }>();
  readonly #parts = new Map<string, { readonly name: SegmentName; readonly chunks: Set<number> }>();
  readonly #publish: (frames: readonly PeerFrame[]) => void;

  /** `publish` is called once for all that was told within one turn. */
  constructor(publish: (frames: readonly PeerFrame[]) => void) {
    this.#publish = publish;
  }

  tell(name: SegmentName, held: boolean): void {
    this.#flushLater();
    const key = `${name.rendition}/${name.sequence}`;
    this.#parts.delete(key);
    this.#latest.set(key, { name, held });
  }

  /** One more chunk of a segment that is not whole. */
  tellPart(name: SegmentName, chunk: number): void {
    this.#flushLater();
    const key = `${name.rendition}/${name.sequence}`;
    const known = this.#parts.get(key);
    if (known === undefined) this.#parts.set(key, { name, chunks: new Set([chunk]) });
    else known.chunks.add(chunk);
  }

  #flushLater(): void {
    if (this.#latest.size + this.#parts.size === 0) queueMicrotask(() => this.#flush());
  }

  #flush(): void {
    const news = [...this.#latest.values()];
    this.#latest.clear();
    const parts = [...this.#parts.values()].map(({ name, chunks }) => partsFrame(name, [...chunks]));
    this.#parts.clear();
    const names = (held: boolean): SegmentName[] =>
      news.filter((item) => item.held === held).map((item) => item.name);
    this.#publish([
      ...announcementFrames('have', names(true)),
      ...announcementFrames('lost', names(false)),
      ...parts,
    ]);
  }
}
