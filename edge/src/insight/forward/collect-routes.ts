import { createHash, timingSafeEqual } from 'node:crypto';
import { Hono } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { InsightError } from '../errors.js';
import type { FactSink } from '../intake/fact-sink.js';
import { FACTS_PATH, factsSchema, MAX_FACTS_BYTES } from './facts-message.js';

/**
 * For the admin listener: facts of other edges, by those who have the secret. 204 when all are committed, 503 when not
 * all are: the same may be sent again.
 */
export function collectRoutes(sink: FactSink, secret: string): Hono {
  const expected = hashed(`Bearer ${secret}`);
  const routes = new Hono();
  routes.post(FACTS_PATH, bodyLimit({ maxSize: MAX_FACTS_BYTES }), async (context) => {
    if (!timingSafeEqual(hashed(context.req.header('Authorization') ?? ''), expected)) {
      return context.json({ error: 'bad-secret' }, 401);
    }
    const parsed = factsSchema.safeParse(await context.req.json().catch(() => undefined));
    if (!parsed.success) return context.json({ error: 'bad-facts' }, 400);
    const outcomes = await Promise.allSettled(parsed.data.facts.map((fact) => sink.accept(fact)));
    const failed = outcomes.find((outcome) => outcome.status === 'rejected');
    if (failed === undefined) return context.body(null, 204);
    if (!(failed.reason instanceof InsightError)) throw failed.reason;
    return context.json({ error: failed.reason.code }, 503);
  });
  return routes;
}

function hashed(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
