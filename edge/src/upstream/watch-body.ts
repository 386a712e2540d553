import type { UpstreamBody } from './upstream.js';

/** The same body; `onError` hears what breaks it off. */
export function watchBody(body: UpstreamBody, onError: (error: unknown) => void): UpstreamBody {
  return {
    [Symbol.asyncIterator]() {
      const chunks = body[Symbol.asyncIterator]();
      return {
        async next() {
          try {
            return await chunks.next();
          } catch (error) {
            onError(error);
            throw error;
          }
        },
        async return() {
          body.discard();
          await chunks.return?.();
          return { done: true, value: undefined };
        },
      };
    },
    discard: () => body.discard(),
  };
}
