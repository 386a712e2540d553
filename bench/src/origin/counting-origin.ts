import { createServer, type ServerResponse } from 'node:http';
import type { TinyOrigin } from './tiny-origin.js';

/** What the origin says to one path. */
export interface OriginAnswer {
  readonly contentType: string;
  readonly body: Buffer;
  readonly cacheControl: string;
  /** Whole body in this many equal pieces, each after `everyMs`; without it, at once. */
  readonly pacing?: { readonly pieces: number; readonly everyMs: number };
}

export interface CountingOrigin extends TinyOrigin {
  /** Requests for this target, spelled as in `targets`, so far. */
  readonly requestsOf: (target: string) => number;
  /** All targets that were asked for; other methods than GET stand before theirs. */
  readonly targets: () => string[];
}

function sendPaced(
  response: ServerResponse,
  body: Buffer,
  { pieces, everyMs }: NonNullable<OriginAnswer['pacing']>,
): void {
  const started = performance.now();
  let sent = 0;
  const step = (): void => {
    const due = Math.min(pieces, Math.floor((performance.now() - started) / everyMs));
    if (due > sent) {
      const [from, to] = [
        Math.floor((sent * body.length) / pieces),
        Math.floor((due * body.length) / pieces),
      ];
      response.write(body.subarray(from, to));
      sent = due;
    }
    if (sent === pieces) response.end();
    else if (!response.destroyed)
      setTimeout(step, Math.max(1, (sent + 1) * everyMs - (performance.now() - started)));
  };
  response.flushHeaders();
  setTimeout(step, everyMs);
}

/** An origin in this process whose answers follow from the path. `undefined` is a 404. */
export async function startCountingOrigin(
  answer: (target: string) => OriginAnswer | undefined,
): Promise<CountingOrigin> {
  const counts = new Map<string, number>();
  const changed = new Date(Date.now() - 3_600_000).toUTCString();
  let requests = 0;
  const server = createServer((request, response) => {
    const target = request.url ?? '';
    requests++;
    const counted = request.method === 'GET' ? target : `${request.method} ${target}`;
    counts.set(counted, (counts.get(counted) ?? 0) + 1);
    const found = request.method === 'GET' || request.method === 'HEAD' ? answer(target) : undefined;
    if (found === undefined) {
      response.writeHead(404, { 'content-length': 0, 'cache-control': 'no-store' }).end();
      return;
    }
    response.writeHead(200, {
      'content-type': found.contentType,
      'content-length': found.body.length,
      'cache-control': found.cacheControl,
      'last-modified': changed,
    });
    if (request.method === 'HEAD') response.end();
    else if (found.pacing === undefined) response.end(found.body);
    else sendPaced(response, found.body, found.pacing);
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', 1024, resolve);
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('a TCP server has no port');
  return {
    url: `http://127.0.0.1:${address.port}`,
    port: address.port,
    requests: () => requests,
    requestsOf: (target) => counts.get(target) ?? 0,
    targets: () => [...counts.keys()],
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
