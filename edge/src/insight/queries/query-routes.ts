import { type Context, Hono } from 'hono';
import { InsightError } from '../errors.js';
import { type QueryProblem, RANGE_NAMES, type RangeName } from './figures.js';
import type { Queries } from './queries.js';

const MAX_STREAMS = 100;
const DEFAULT_STREAMS = 50;

/** Read-only JSON. Parameters: `range` (15m, 1h, 24h, 7d; default 1h) and, for streams, `limit` (1 to 100). */
export function queryRoutes(queries: Queries): Hono {
  const routes = new Hono();
  routes.use(async (context, next) => {
    context.header('Cache-Control', 'no-store');
    await next();
  });
  routes.get('/summary', async (context) => context.json(await queries.summary(rangeOf(context))));
  routes.get('/timeline', async (context) => context.json(await queries.timeline(rangeOf(context))));
  routes.get('/streams', async (context) =>
    context.json(await queries.streams(rangeOf(context), limitOf(context))),
  );
  routes.onError((error, context) => {
    if (!(error instanceof InsightError)) throw error;
    const status = error.code === 'bad-query' ? 400 : 503;
    return context.json(
      { error: { code: error.code, message: error.message } } satisfies QueryProblem,
      status,
    );
  });
  return routes;
}

function rangeOf(context: Context): RangeName {
  const asked = context.req.query('range') ?? '1h';
  const name = RANGE_NAMES.find((candidate) => candidate === asked);
  if (name === undefined) throw new InsightError('bad-query', `range is one of ${RANGE_NAMES.join(', ')}`);
  return name;
}

function limitOf(context: Context): number {
  const asked = context.req.query('limit') ?? String(DEFAULT_STREAMS);
  const limit = /^\d{1,3}$/.test(asked) ? Number(asked) : 0;
  if (limit < 1 || limit > MAX_STREAMS) {
    throw new InsightError('bad-query', `limit is a whole number from 1 to ${MAX_STREAMS}`);
  }
  return limit;
}
