import type { MultipartLayout } from '../ranges/multipart.js';
import type { ByteRange } from '../ranges/ranges.js';

/** Where a response's bytes come from. */
export interface BodySource {
  /** Set where all of it is in memory: then it leaves in one write. */
  readonly whole: Buffer | undefined;
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
