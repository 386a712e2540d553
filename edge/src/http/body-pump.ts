import type { ServerResponse } from 'node:http';
import type { UpstreamResponse } from '../upstream/upstream.js';
import { UpstreamError } from '../upstream/upstream-error.js';

/** How a body's way to the client ended. `gone`: the client left. */
export type PumpEnd = 'sent' | 'gone';

/**
 * Sends all pieces, not faster than the client takes them.
 *
 * @throws what the pieces fail with; then the response is not ended, and must be cut.
 */
export async function pumpPieces(
  pieces: AsyncIterable<Buffer>,
  response: ServerResponse,
  onBytes: (count: number) => void,
): Promise<PumpEnd> {
  for await (const piece of pieces) {
    if (response.destroyed) return 'gone';
    onBytes(piece.length);
    if (!response.write(piece)) await drained(response);
  }
  response.end();
  return 'sent';
}

/**
 * Sends all pieces, `bytes` together, each of which the connection has taken before the next is asked for: until then
 * its memory must not change.
 *
 * @throws what the pieces fail with; then the response is not ended, and must be cut.
 */
export async function pumpLent(
  pieces: AsyncIterable<Buffer>,
  response: ServerResponse,
  bytes: number,
  onBytes: (count: number) => void,
): Promise<PumpEnd> {
  let left = bytes;
  for await (const piece of pieces) {
    if (response.destroyed) return 'gone';
    onBytes(piece.length);
    left -= piece.length;
    if (!(await taken(response, piece, left === 0))) return 'gone';
  }
  if (left > 0) response.end();
  return 'sent';
}

/** Whether the connection has taken the piece; false: it never will. */
function taken(response: ServerResponse, piece: Buffer, isLast: boolean): Promise<boolean> {
  return new Promise((resolve) => {
    const gone = (): void => resolve(false);
    response.once('close', gone);
    const done = (error?: Error | null): void => {
      response.off('close', gone);
      resolve(error === undefined || error === null);
    };
    if (isLast) response.end(piece, done);
    else response.write(piece, done);
  });
}

/**
 * Sends a body straight from the origin, not faster than the client takes it. Of a declared length the last piece
 * waits until the origin has ended as it declared; where there is none, the connection's own end tells.
 *
 * @throws UpstreamError; then the response is not ended, and must be cut.
 */
export async function pumpUpstream(
  { body }: UpstreamResponse,
  response: ServerResponse,
  bytes: number | undefined,
  onBytes: (count: number) => void,
): Promise<PumpEnd> {
  let received = 0;
  let held: Buffer | undefined;
  for await (const chunk of body) {
    received += chunk.length;
    if (bytes !== undefined && received > bytes) {
      throw new UpstreamError('origin-length', `more than the ${bytes} bytes declared`);
    }
    if (response.destroyed) return 'gone';
    const ready = bytes === undefined ? chunk : held;
    held = bytes === undefined ? undefined : chunk;
    if (ready !== undefined && !response.write(ready)) await drained(response);
    onBytes(chunk.length);
  }
  if (bytes !== undefined && received < bytes) {
    throw new UpstreamError('origin-length', `${received} of the ${bytes} bytes declared`);
  }
  response.end(held);
  return 'sent';
}

function drained(response: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    const settle = (): void => {
      response.off('drain', settle);
      response.off('close', settle);
      resolve();
    };
    response.on('drain', settle);
    response.on('close', settle);
    if (response.destroyed) settle();
  });
}
