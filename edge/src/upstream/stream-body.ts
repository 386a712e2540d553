import type { Readable } from 'node:stream';
import type { UpstreamBody } from './upstream.js';
import { messageOf, UpstreamError } from './upstream-error.js';

/** A body from a Node stream. What breaks it off becomes `origin-cut`. */
export function streamBody(stream: Readable): UpstreamBody {
  // A stream that is destroyed while nobody reads it would throw its error at the process.
  stream.on('error', () => {});
  return {
    async *[Symbol.asyncIterator]() {
      try {
        for await (const chunk of stream) yield toBuffer(chunk);
      } catch (error) {
        if (error instanceof UpstreamError) throw error;
        throw new UpstreamError('origin-cut', messageOf(error), { cause: error });
      } finally {
        stream.destroy();
      }
    },
    discard() {
      stream.destroy();
    },
  };
}

function toBuffer(chunk: unknown): Buffer {
  if (Buffer.isBuffer(chunk)) return chunk;
  if (chunk instanceof Uint8Array) return Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
  throw new UpstreamError('origin-bad-response', 'the body is not made of bytes');
}

/** A response without one. */
export const EMPTY_BODY: UpstreamBody = {
  async *[Symbol.asyncIterator]() {},
  discard() {},
};
