import { createServer } from 'node:http';
import { adContent } from './work.js';

export interface AdOrigin {
  readonly port: number;
  /** Requests answered so far. */
  readonly requests: () => number;
  readonly close: () => Promise<void>;
}

/** Has every object that a run may ask for; all live for an hour. */
export async function startAdOrigin(): Promise<AdOrigin> {
  let requests = 0;
  const server = createServer((request, response) => {
    requests++;
    const body = adContent(request.url ?? '');
    if (body === undefined) {
      response.writeHead(404, { 'content-length': 0 }).end();
      return;
    }
    response.writeHead(200, {
      'content-type': request.url?.endsWith('.json') ? 'application/json' : 'video/mp4',
      'content-length': body.length,
      'cache-control': 'public, max-age=3600',
      etag: `"${request.url?.length}-${body.length}"`,
    });
    response.end(body);
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('a TCP server has no port');
  return {
    port: address.port,
    requests: () => requests,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
