import type { LentBody } from '../fill/lent-body.js';
import type { MultipartLayout } from '../ranges/multipart.js';
import type { ByteRange } from '../ranges/ranges.js';

/** Where a response's bytes come from. */
export interface BodySource {
  /** Set where all of it is in memory: then it leaves in one write. */
  readonly whole: Buffer | undefined;
  /** A piece is used again once the next is asked for: not before the connection has taken it. */
  readonly isLent?: boolean;
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

export function lentSource({ read }: LentBody): BodySource {
  return { whole: undefined, isLent: true, read };
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
