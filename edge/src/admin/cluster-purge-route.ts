import { createHash, timingSafeEqual } from 'node:crypto';
import { Hono } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { CLUSTER_PURGE_PATH } from '../purge/cluster/over-http.js';
import { carryOut, orderOf } from '../purge/order.js';
import type { Purge } from '../purge/purge.js';

const MAX_BYTES = 64 * 1024;

/** Purges of other edges, by those who have the secret. They go no further, so that none comes round twice. */
export function createClusterPurgeRoute(purge: Purge, secret: string): Hono {
  const expected = hashed(`Bearer ${secret}`);
  const app = new Hono();
  app.post(CLUSTER_PURGE_PATH, bodyLimit({ maxSize: MAX_BYTES }), async (context) => {
    if (!timingSafeEqual(hashed(context.req.header('Authorization') ?? ''), expected)) {
      return context.json({ error: 'bad-secret' }, 401);
    }
    const order = orderOf(await context.req.json().catch(() => undefined));
    if (order === undefined) return context.json({ error: 'bad-target' }, 400);
    try {
      return context.json({ ...(await carryOut(purge, order)) });
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'purge-not-durable')) throw error;
      return context.json({ error: 'purge-not-durable', message: error.message }, 503);
    }
  });
  return app;
}

function hashed(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
