/** A request body is larger than `limits.bodyBytes`; named as its refusal is. */
export class BodyTooLargeError extends Error {
  override readonly name = 'BodyTooLargeError';
  readonly code = 'body-too-large';

  constructor(limitBytes: number) {
    super(`the request body has over ${limitBytes} bytes`);
  }
}

/**
 * A request body that is passed on, up to a limit. The gate refuses what says beforehand that it is larger; this holds
 * those who say nothing (chunked) to it.
 *
 * @throws BodyTooLargeError before the piece that goes over it.
 */
export async function* boundedBody(
  body: AsyncIterable<Uint8Array>,
  limitBytes: number,
): AsyncGenerator<Uint8Array, void, undefined> {
  let bytes = 0;
  for await (const piece of body) {
    bytes += piece.length;
    if (bytes > limitBytes) throw new BodyTooLargeError(limitBytes);
    yield piece;
  }
}
