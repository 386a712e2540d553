import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { HttpBindings } from '@hono/node-server';
import { type Context, Hono } from 'hono';
import { describeError, OriginError } from '../errors.js';
import type { ObjectStore } from '../storage/object-store.js';
import { MAX_UPLOADS } from './limits.js';
import { requestKey } from './request-key.js';

export interface IngestComponents {
  readonly store: ObjectStore;
  /** Called once a request with what came of it, for the log. */
  readonly onRequest?: (line: {
    readonly method: string;
    readonly key: string;
    readonly status: number;
    readonly bytes: number;
  }) => void;
}

export interface IngestOptions {
  readonly maxBodyBytes: number;
  /** When set, requests that write need `Authorization: Bearer TOKEN`. */
  readonly token?: string;
}

type Bindings = { Bindings: HttpBindings };

/**
 * PUT and POST store an object, DELETE removes it, GET and HEAD read it. An upload that breaks off or is too large
 * leaves what was there before.
 */
export function ingestApp(
  { store, onRequest = () => {} }: IngestComponents,
  { maxBodyBytes, token }: IngestOptions,
): Hono<Bindings> {
  const app = new Hono<Bindings>();
  let uploads = 0;

  const answer = (context: Context<Bindings>, key: string, status: 200 | 201 | 204, bytes: number): void => {
    onRequest({ method: context.req.method, key, status, bytes });
  };

  app.use(async (context, next) => {
    const writes = !['GET', 'HEAD'].includes(context.req.method);
    if (token !== undefined && writes && !allowed(context.req.header('authorization'), token)) {
      onRequest({ method: context.req.method, key: '', status: 401, bytes: 0 });
      return context.text('A bearer token is needed: Authorization: Bearer TOKEN\n', 401, {
        'WWW-Authenticate': 'Bearer',
      });
    }
    return next();
  });

  app.on(['PUT', 'POST'], '*', async (context) => {
    const key = requestKey(context.env.incoming.url ?? '');
    if (uploads >= MAX_UPLOADS) {
      onRequest({ method: context.req.method, key, status: 503, bytes: 0 });
      return context.text(`${MAX_UPLOADS} uploads are under way. Try again.\n`, 503, {
        'Retry-After': '1',
        Connection: 'close',
      });
    }
    uploads += 1;
    try {
      const body = await readBody(context.env.incoming, maxBodyBytes);
      if (body === undefined) {
        onRequest({ method: context.req.method, key, status: 413, bytes: 0 });
        return context.text(`Larger than ${maxBodyBytes} bytes. See --max-body.\n`, 413, {
          Connection: 'close',
        });
      }
      await store.put(key, body, key.endsWith('.m3u8') ? { cacheControl: 'public, max-age=1' } : {});
      answer(context, key, 201, body.length);
      return context.body(null, 201);
    } finally {
      uploads -= 1;
    }
  });

  app.delete('*', async (context) => {
    const key = requestKey(context.env.incoming.url ?? '');
    await store.delete(key);
    answer(context, key, 204, 0);
    return context.body(null, 204);
  });

  // Hono answers HEAD by GET without the body.
  app.get('*', async (context) => {
    const key = requestKey(context.env.incoming.url ?? '');
    if (context.req.method === 'HEAD') {
      const info = await store.head(key);
      if (info === undefined) throw new OriginError('not-found', `There is no ${key} in the store.`);
      answer(context, key, 200, 0);
      return context.body(null, 200, {
        'Content-Type': info.contentType,
        'Content-Length': String(info.bytes),
        'Cache-Control': 'no-cache',
      });
    }
    const { body, contentType } = await store.get(key);
    answer(context, key, 200, body.length);
    return context.body(new Uint8Array(body), 200, {
      'Content-Type': contentType,
      'Content-Length': String(body.length),
      'Cache-Control': 'no-cache',
    });
  });

  app.all('*', (context) =>
    context.text('Use PUT, POST, DELETE, GET or HEAD.\n', 405, { Allow: 'PUT, POST, DELETE, GET, HEAD' }),
  );

  app.onError((error, context) => {
    const code = error instanceof OriginError ? error.code : undefined;
    const status = code === 'bad-key' ? 400 : code === 'not-found' ? 404 : code === 'storage' ? 502 : 500;
    onRequest({ method: context.req.method, key: context.req.path.slice(0, 200), status, bytes: 0 });
    return context.text(`${describeError(error)}\n`, status);
  });

  return app;
}

/** The whole body, or undefined as soon as it is over the limit. Rejects when the client goes away before its end. */
async function readBody(incoming: IncomingMessage, maxBytes: number): Promise<Buffer | undefined> {
  const declared = Number(incoming.headers['content-length'] ?? 0);
  if (declared > maxBytes) return undefined;
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of incoming) {
    bytes += chunk.length;
    if (bytes > maxBytes) return undefined;
    chunks.push(chunk);
  }
  if (!incoming.complete) throw new OriginError('stopped', 'The upload broke off.');
  return Buffer.concat(chunks, bytes);
}

function allowed(header: string | undefined, token: string): boolean {
  const hash = (text: string): Buffer => createHash('sha256').update(text).digest();
  return header !== undefined && timingSafeEqual(hash(header), hash(`Bearer ${token}`));
}
