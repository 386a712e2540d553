import { createHash, timingSafeEqual } from 'node:crypto';
import { type Context, Hono, type MiddlewareHandler } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { InsightError } from '../errors.js';
import type { FactSink } from '../intake/fact-sink.js';
import { EDGE_PATH, edgeMinuteSchema, FACTS_PATH, factsSchema, MAX_FACTS_BYTES } from './facts-message.js';

const MAX_EDGE_BYTES = 8192;

/**
 * For the admin listener: facts of other edges, by those who have the secret. 204 when all are committed, 503 when not
 * all are: the same may be sent again.
 */
export function collectRoutes(sink: FactSink, secret: string): Hono {
  const expected = hashed(`Bearer ${secret}`);
  const routes = new Hono();
  const allowed: MiddlewareHandler = async (context, next) => {
    if (timingSafeEqual(hashed(context.req.header('Authorization') ?? ''), expected)) return next();
    return context.json({ error: 'bad-secret' }, 401);
  };
  routes.post(FACTS_PATH, bodyLimit({ maxSize: MAX_FACTS_BYTES }), allowed, async (context) => {
    const parsed = factsSchema.safeParse(await context.req.json().catch(() => undefined));
    if (!parsed.success) return context.json({ error: 'bad-facts' }, 400);
    return answer(
      context,
      parsed.data.facts.map((fact) => sink.accept(fact)),
    );
  });
  routes.post(EDGE_PATH, bodyLimit({ maxSize: MAX_EDGE_BYTES }), allowed, async (context) => {
    const parsed = edgeMinuteSchema.safeParse(await context.req.json().catch(() => undefined));
    if (!parsed.success) return context.json({ error: 'bad-facts' }, 400);
    return answer(context, [sink.acceptEdge(parsed.data)]);
  });
  return routes;
}

async function answer(context: Context, accepted: readonly Promise<unknown>[]): Promise<Response> {
  const outcomes = await Promise.allSettled(accepted);
  const failed = outcomes.find((outcome) => outcome.status === 'rejected');
  if (failed === undefined) return context.body(null, 204);
  if (!(failed.reason instanceof InsightError)) throw failed.reason;
  return context.json({ error: failed.reason.code }, 503);
}

function hashed(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
