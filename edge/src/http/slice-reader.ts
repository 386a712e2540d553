import type { ObjectTier } from '../cache/memory-tier.js';
import type { StoredResponse } from '../cache/stored-response.js';
import { readNext } from '../fill/body-tee.js';
import type { FillTable } from '../fill/fill-table.js';
import type { Filler } from '../fill/filler.js';
import { sliceKey } from '../fill/slice-layout.js';
import type { ByteRange } from '../ranges/ranges.js';
import type { Span } from '../tracing/tracing.js';
import { UpstreamError } from '../upstream/upstream-error.js';
import type { BodySource } from './body-source.js';
import type { RequestKey } from './request-key.js';
import type { Answering } from './responder.js';

export interface SliceReaderComponents {
  readonly tier: ObjectTier;
  readonly table: FillTable;
  readonly filler: Filler;
}

/** Who reads a large object. */
export interface SliceVisit extends Answering {
  readonly key: RequestKey;
  readonly fields: () => readonly string[];
  /** Its way, if that is recorded. */
  readonly span?: Span | undefined;
}

/** Reads large objects part by part: from memory, from disk, or together with others from the origin. */
export class SliceReader {
  readonly #components: SliceReaderComponents;

  constructor(components: SliceReaderComponents) {
    this.#components = components;
  }

  /** Undefined: the object's body is its own. */
  sourceOf(visit: SliceVisit, object: StoredResponse): BodySource | undefined {
    if (object.slices === undefined) return undefined;
    return { whole: undefined, read: (range) => this.#read(visit, object, range) };
  }

  async *#read(
    visit: SliceVisit,
    object: StoredResponse,
    range: ByteRange,
  ): AsyncGenerator<Buffer, void, undefined> {
    const { slices, head } = object;
    const totalBytes = head.totalBytes ?? 0;
    if (slices === undefined) return;
    const { sliceBytes } = slices;
    for (let at = range.start; at <= range.end; ) {
      const index = Math.floor(at / sliceBytes);
      const from = index * sliceBytes;
      const slice = { start: from, end: Math.min(from + sliceBytes, totalBytes) - 1 };
      const wanted = { start: at - from, end: Math.min(range.end, slice.end) - from };
      yield* this.#slice(visit, object, sliceKey(object.key, slices, index), slice, wanted);
      at = slice.end + 1;
    }
  }

  async *#slice(
    { response, site, key: { path, query }, fields, span }: SliceVisit,
    object: StoredResponse,
    key: string,
    slice: ByteRange,
    wanted: ByteRange,
  ): AsyncGenerator<Buffer, void, undefined> {
    const { tier, table, filler } = this.#components;
    const held = tier.get(key);
    if (held !== undefined) {
      yield held.body.subarray(wanted.start, wanted.end + 1);
      return;
    }
    const joined = table.join({ key, path: object.path, fields: [] });
    if (joined.role === 'refused') throw new UpstreamError('fill-memory', 'too many fills');
    const { fill, role } = joined;
    if (role === 'writer') {
      void filler.run(fill, {
        ...{ primaryKey: object.key, variantKey: key, source: site, stale: undefined, fields: [...fields()] },
        ...{ upstreamPath: path, upstreamQuery: query, authorized: false },
        slice: { of: object, range: slice },
        span,
      });
    }
    fill.enter();
    let entered = true;
    const leave = (): void => {
      if (entered) fill.leave();
      entered = false;
    };
    response.once('close', leave);
    try {
      const outcome = await fill.outcome;
      if (outcome.is === 'failed') throw outcome.error;
      if (outcome.is === 'ready') {
        yield outcome.object.body.subarray(wanted.start, wanted.end + 1);
        return;
      }
      if (outcome.is !== 'streaming') throw new UpstreamError('origin-bad-response', 'a part that is none');
      const reader = outcome.tee.reader(wanted.start);
      let left = wanted.end - wanted.start + 1;
      try {
        while (left > 0) {
          const piece = await readNext(reader);
          if (piece === undefined) throw new UpstreamError('origin-cut', 'a part ended early');
          const taken = piece.length > left ? piece.subarray(0, left) : piece;
          left -= taken.length;
          yield taken;
        }
      } finally {
        reader.close();
      }
    } finally {
      response.off('close', leave);
      leave();
    }
  }
}
