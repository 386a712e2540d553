import type { LentBody } from '../fill/lent-body.js';
import type { MultipartLayout } from '../ranges/multipart.js';
import type { ByteRange } from '../ranges/ranges.js';

/** Where a response's bytes come from. */
export interface BodySource {
  /** Set where all of it is in memory: then it leaves in one write. */
  readonly whole: Buffer | undefined;
  /**
   * To be called at once, and what it returns at the end. Where it is set, the memory of a piece is used again when the
   * next is asked for: not before the connection has taken it.
   */
  readonly hold?: LentBody['hold'];
  read(range: ByteRange): AsyncIterable<Buffer>;
}

export function bufferSource(body: Buffer): BodySource {
  return {
    whole: body,
    async *read({ start, end }) {
      yield body.subarray(start, end + 1);
    },
  };
}

export function lentSource({ read, hold }: LentBody): BodySource {
  return { whole: undefined, hold, read };
}

/** A `multipart/byteranges` body. */
export async function* multipartBody(
  { parts, end }: MultipartLayout,
  source: BodySource,
): AsyncGenerator<Buffer, void, undefined> {
  for (const { head, range } of parts) {
    yield head;
    yield* source.read(range);
  }
  yield end;
}
