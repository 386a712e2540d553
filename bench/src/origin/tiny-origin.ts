import { createServer } from 'node:http';
import type { OriginObject } from './content.js';

/** An origin in this process that counts what it is asked, so that a bench can prove its hits. */
export interface TinyOrigin {
  /** Without a slash at the end. */
  readonly url: string;
  readonly port: number;
  /** Requests answered so far. */
  readonly requests: () => number;
  readonly close: () => Promise<void>;
}

/** Serves `objects` for an hour of freshness, whole, with an ETag and a date of change. */
export async function startTinyOrigin(objects: readonly OriginObject[]): Promise<TinyOrigin> {
  const byPath = new Map(objects.map((object) => [object.path, object]));
  const changed = new Date(Date.now() - 3_600_000).toUTCString();
  let requests = 0;
  const server = createServer((request, response) => {
    requests++;
    const object = byPath.get(request.url ?? '');
    if (object === undefined) {
      response.writeHead(404, { 'content-length': 0 }).end();
      return;
    }
    response.writeHead(200, {
      'content-type': object.contentType,
      'content-length': object.body.length,
      'cache-control': 'public, max-age=3600',
      'last-modified': changed,
      etag: `"${object.sha256.slice(0, 16)}"`,
    });
    response.end(request.method === 'HEAD' ? undefined : object.body);
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('a TCP server has no port');
  return {
    url: `http://127.0.0.1:${address.port}`,
    port: address.port,
    requests: () => requests,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
