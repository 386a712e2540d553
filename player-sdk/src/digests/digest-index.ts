import {
  MAX_BLOCK_SEGMENTS,
  MAX_WANTED_DIGESTS,
  type Purged,
  resolveEntryPath,
  type SegmentDigest,
  segmentKey,
  type WantedSegment,
} from '@eddy/protocol';
import type { Clock, Timers, Unsubscribe } from '../components.js';
import { isPurged } from '../signaling/purged.js';
import type { Room } from '../signaling/room.js';
import { BlockReader, type FetchBlock } from './block-reader.js';
import type { Digests, SegmentLocation } from './digests.js';

export interface DigestComponents {
  readonly clock: Clock;
  readonly timers: Timers;
  readonly room: Room;
  /** Default: the page's `fetch`. */
  readonly fetch?: FetchBlock;
}

export interface DigestOptions {
  /** Base URL of the edge. */
  readonly edge: string;
  /** Query to read a playlist's blocks with, say the token of its own URL: `?token=...`. Default: none. */
  readonly blockQuery?: (playlistPath: string) => string;
}

/** Digests remembered: hours of a ladder. Each is about 200 bytes. */
const MAX_DIGESTS = 8_192;
/** Segments asked of the edge and not yet answered. */
const MAX_ASKED = 2_048;
/** Purges remembered; after more, published blocks are not believed at all. */
const MAX_PURGES = 64;
/** An edge that filled a segment pushes at once: after this, asking again is no impatience. */
const ASK_AGAIN_MS = 10_000;
/** A block that could not be read is tried again after this, doubled each time. */
const FIRST_RETRY_MS = 5_000;
const MOST_RETRY_MS = 120_000;

type BlockState =
  | { readonly kind: 'reading' }
  | { readonly kind: 'read' }
  | { readonly kind: 'absent' }
  | { readonly kind: 'failed'; readonly times: number; readonly retryAt: number };

/**
 * What the edge says that segments hash to. Of a finished playlist it reads the published blocks, and asks the
 * room for what they do not tell; of a live one it asks the room.
 */
export class DigestIndex implements Digests {
  readonly #components: DigestComponents;
  readonly #reader: BlockReader;
  readonly #digests = new Map<string, SegmentDigest>();
  readonly #blocks = new Map<string, BlockState>();
  /** Wanted from a block that is being read. */
  readonly #hopes = new Map<string, Map<string, SegmentLocation>>();
  /** Which sequence of a live playlist a name stood for when its digest was wanted: some packagers use names again. */
  readonly #sequences = new Map<string, number>();
  /** Published blocks are wrong about these. */
  readonly #replaced = new Set<string>();
  /** So are they about all that was purged. */
  #purges: Pick<Purged, 'paths' | 'prefixes'>[] = [];
  readonly #asked = new Map<string, { readonly segment: WantedSegment; readonly at: number }>();
  readonly #batch = new Map<string, WantedSegment>();
  readonly #listeners = new Set<() => void>();
  readonly #unsubscribe: Unsubscribe;
  #closed = false;

  /** @throws TypeError when `edge` is no URL. */
  constructor(components: DigestComponents, options: DigestOptions) {
    this.#components = components;
    this.#reader = new BlockReader(components, options);
    this.#unsubscribe = components.room.subscribe({
      onDigests: (digests) => this.#onPushed(digests),
      onPurged: (purged) => this.#onPurged(purged),
      onWelcome: () => this.#askAllAgain(),
    });
  }

  find(segment: SegmentLocation): SegmentDigest | undefined {
    const { range, live, sequence } = segment;
    const key = keyOf(segment);
    if (live && (this.#sequences.get(key) ?? sequence) !== sequence) return undefined;
    const digest = this.#digests.get(key);
    return range === undefined || range.bytes === digest?.bytes ? digest : undefined;
  }

  want(segment: SegmentLocation): void {
    if (this.#closed) return;
    const key = keyOf(segment);
    if (segment.live) this.#noteSequence(key, segment.sequence);
    if (this.find(segment) !== undefined) return;
    if (segment.live || this.#isReplaced(key, segment.path)) {
      this.#ask(key, segment);
      return;
    }
    const index = Math.floor(segment.sequence / MAX_BLOCK_SEGMENTS);
    const block = `${segment.playlistPath}#${index}`;
    const state = this.#blocks.get(block);
    if (state?.kind === 'reading') {
      this.#hopes.get(block)?.set(key, segment);
      return;
    }
    if (state !== undefined && !(state.kind === 'failed' && this.#components.clock.now() >= state.retryAt)) {
      this.#ask(key, segment);
      return;
    }
    this.#blocks.set(block, { kind: 'reading' });
    this.#hopes.set(block, new Map([[key, segment]]));
    this.#read(block, segment.playlistPath, index, state?.kind === 'failed' ? state.times : 0);
  }

  forget(segment: SegmentLocation): void {
    const key = keyOf(segment);
    this.#digests.delete(key);
    this.#asked.delete(key);
    this.#replaced.add(key);
    dropFirst(this.#replaced, MAX_DIGESTS);
    this.want(segment);
  }

  onArrival(listener: () => void): Unsubscribe {
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  }

  close(): void {
    this.#closed = true;
    this.#unsubscribe();
    this.#reader.close();
    this.#listeners.clear();
  }

  /** The name stands for another segment than before: what it hashed to is of no use. */
  #noteSequence(key: string, sequence: number): void {
    const before = this.#sequences.get(key);
    this.#sequences.delete(key);
    this.#sequences.set(key, sequence);
    dropFirst(this.#sequences, MAX_DIGESTS);
    if (before === undefined || before === sequence) return;
    this.#digests.delete(key);
    this.#asked.delete(key);
  }

  #read(block: string, playlistPath: string, index: number, timesFailed: number): void {
    void this.#reader.read(playlistPath, index).then((result) => {
      if (this.#closed) return;
      this.#blocks.set(block, this.#stateAfter(result.kind, timesFailed));
      const hopes = this.#hopes.get(block);
      this.#hopes.delete(block);
      if (result.kind === 'read') {
        this.#learn(
          result.digests
            .map((digest) => ({ ...digest, path: resolveEntryPath(digest.path, playlistPath) }))
            .filter(({ path, start }) => !this.#isReplaced(segmentKey(path, start), path)),
        );
      }
      // What the block does not tell, `want` now asks of the room.
      for (const segment of hopes?.values() ?? []) this.want(segment);
    });
  }

  #stateAfter(kind: 'read' | 'absent' | 'failed', timesFailed: number): BlockState {
    if (kind !== 'failed') return { kind };
    const waitMs = Math.min(MOST_RETRY_MS, FIRST_RETRY_MS * 2 ** Math.min(timesFailed, 16));
    return { kind, times: timesFailed + 1, retryAt: this.#components.clock.now() + waitMs };
  }

  #isReplaced(key: string, path: string): boolean {
    return this.#replaced.has(key) || this.#purges.some((purged) => isPurged(purged, path));
  }

  #onPurged(purged: Pick<Purged, 'paths' | 'prefixes'>): void {
    this.#purges.push(purged);
    if (this.#purges.length > MAX_PURGES) this.#purges = [{ paths: [], prefixes: ['/'] }];
    for (const [key, { path }] of this.#digests) if (isPurged(purged, path)) this.#digests.delete(key);
  }

  #onPushed(digests: readonly SegmentDigest[]): void {
    this.#learn(digests.filter(({ path }) => path.startsWith('/')));
  }

  #learn(digests: readonly SegmentDigest[]): void {
    if (digests.length === 0) return;
    for (const digest of digests) {
      const key = segmentKey(digest.path, digest.start);
      this.#asked.delete(key);
      this.#batch.delete(key);
      this.#digests.delete(key);
      this.#digests.set(key, digest);
    }
    dropFirst(this.#digests, MAX_DIGESTS);
    for (const listener of [...this.#listeners]) listener();
  }

  #ask(key: string, { path, range }: SegmentLocation): void {
    const now = this.#components.clock.now();
    const asked = this.#asked.get(key);
    if (asked !== undefined && now - asked.at < ASK_AGAIN_MS) return;
    const segment: WantedSegment = range === undefined ? { path } : { path, range };
    this.#asked.delete(key);
    this.#asked.set(key, { segment, at: now });
    dropFirst(this.#asked, MAX_ASKED);
    this.#enqueue(key, segment);
  }

  #askAllAgain(): void {
    const now = this.#components.clock.now();
    for (const [key, { segment }] of this.#asked) {
      this.#asked.set(key, { segment, at: now });
      this.#enqueue(key, segment);
    }
  }

  /** One message for all that is wanted within a turn. Nothing is lost while the room is away: see `onWelcome`. */
  #enqueue(key: string, segment: WantedSegment): void {
    if (this.#batch.size === 0) queueMicrotask(() => this.#sendBatch());
    this.#batch.set(key, segment);
  }

  #sendBatch(): void {
    const segments = [...this.#batch.values()];
    this.#batch.clear();
    if (this.#closed || this.#components.room.state !== 'joined') return;
    for (let at = 0; at < segments.length; at += MAX_WANTED_DIGESTS) {
      this.#components.room.send({
        type: 'want-digests',
        segments: segments.slice(at, at + MAX_WANTED_DIGESTS),
      });
    }
  }
}

function keyOf({ path, range }: SegmentLocation): string {
  return segmentKey(path, range?.start ?? 0);
}

function dropFirst(collection: Map<string, unknown> | Set<string>, most: number): void {
  for (const key of collection.keys()) {
    if (collection.size <= most) return;
    collection.delete(key);
  }
}
