import { type Context, Hono } from 'hono';
import { InsightError } from '../errors.js';
import { EXPORT_FORMATS, writeRows } from '../export/write-rows.js';
import { COUNTERS } from '../measures/measures.js';
import { CUBE_DIMENSIONS, type Dimension, GRAIN_MINUTES, GRAINS } from '../store/insight-store.js';
import { type QueryProblem, RANGE_NAMES } from './figures.js';
import type { Filter, Queries } from './queries.js';
import { type QueryRange, rangeBetween, rangeEndingAt, widened } from './range.js';
import { type SavingsComponents, savings } from './savings-query.js';

const MAX_STREAMS = 100;
const DEFAULT_STREAMS = 50;
const MAX_EXPORT_ROWS = 200_000;
const MAX_NAME = 1024;
const MAX_SPAN_MS = 3 * 366 * GRAIN_MINUTES.day * 60_000;

export interface QueryRoutesComponents extends SavingsComponents {
  readonly queries: Queries;
  readonly nowMs: () => number;
}

/**
 * Read-only JSON. Of a range: `range` (15m, 1h, 24h, 7d, 30d, 90d, 1y, 3y; default 1h), or `from` and `to` in
 * milliseconds since the epoch. Narrowed by `stream` and `pop`, where a question allows it.
 */
export function queryRoutes(components: QueryRoutesComponents): Hono {
  const { queries, nowMs } = components;
  const rangeOf = (context: Context): QueryRange => askedRange(context, nowMs());
  const routes = new Hono();
  routes.use(async (context, next) => {
    context.header('Cache-Control', 'no-store');
    await next();
  });
  routes.get('/summary', async (context) =>
    context.json(await queries.summary(rangeOf(context), filterOf(context))),
  );
  routes.get('/timeline', async (context) =>
    context.json(await queries.timeline(rangeOf(context), filterOf(context))),
  );
  routes.get('/streams', async (context) =>
    context.json(await queries.streams(rangeOf(context), limitOf(context), filterOf(context))),
  );
  routes.get('/quality', async (context) =>
    context.json(await queries.quality(rangeOf(context), filterOf(context))),
  );
  routes.get('/audience', async (context) => {
    const by = oneOf(context, 'by', ['region', 'network', 'device'] as const, 'region');
    return context.json(await queries.audience(rangeOf(context), by));
  });
  routes.get('/integrity', async (context) => context.json(await queries.integrity(rangeOf(context))));
  routes.get('/savings', async (context) => {
    const plan = nameOf(context, 'plan');
    if (plan !== undefined && !components.prices.plans.some(({ name }) => name === plan)) {
      throw new InsightError('bad-query', 'plan is none of the price list');
    }
    return context.json(await savings(components, rangeOf(context), filterOf(context), plan));
  });
  routes.get('/prices', (context) => context.json(components.prices));
  routes.get('/export', (context) => exported(context, components, rangeOf(context)));
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

/** `cube` (total, stream, audience), `format` (csv, parquet), `grain` (minute, hour, day, week; default by the range). */
async function exported(
  context: Context,
  { store }: QueryRoutesComponents,
  range: QueryRange,
): Promise<Response> {
  const cube = oneOf(context, 'cube', ['total', 'stream', 'audience'] as const, 'total');
  const format = oneOf(context, 'format', EXPORT_FORMATS, 'csv');
  const usual = widened(range);
  const grain = oneOf(context, 'grain', GRAINS, usual.grain);
  const stepMinutes = GRAIN_MINUTES[grain];
  const by: readonly Dimension[] = CUBE_DIMENSIONS[cube];
  const from = Math.floor(range.from / stepMinutes) * stepMinutes;
  const to = Math.ceil(range.to / stepMinutes) * stepMinutes;
  const where = cube === 'audience' ? {} : filterOf(context);
  const count = { by: ['edgeBytes'] as const, limit: MAX_EXPORT_ROWS + 1 };
  const rows = await store.query({
    ...{ cube, grain, from, to, stepMinutes, by, where, measures: COUNTERS, largest: count },
  });
  if (rows.length > MAX_EXPORT_ROWS) {
    throw new InsightError(
      'bad-query',
      `more than ${MAX_EXPORT_ROWS} rows: ask for less, or a coarser grain`,
    );
  }
  const ordered = rows.sort((one, other) => one.minute - other.minute);
  const body = await writeRows(ordered, { by, measures: COUNTERS }, format);
  return context.body(new Uint8Array(body), 200, {
    'Content-Type': format === 'csv' ? 'text/csv; charset=UTF-8' : 'application/vnd.apache.parquet',
    'Content-Disposition': `attachment; filename="eddy-${cube}-${grain}.${format}"`,
  });
}

function askedRange(context: Context, nowMs: number): QueryRange {
  const [from, to] = [context.req.query('from'), context.req.query('to')];
  if (from === undefined && to === undefined) {
    return rangeEndingAt(oneOf(context, 'range', RANGE_NAMES, '1h'), nowMs);
  }
  const [fromMs, toMs] = [Number(from), Number(to)];
  const isRange = /^\d{1,14}$/.test(from ?? '') && /^\d{1,14}$/.test(to ?? '') && fromMs < toMs;
  if (!isRange || toMs - fromMs > MAX_SPAN_MS) {
    throw new InsightError(
      'bad-query',
      'from and to are milliseconds since the epoch, at most 3 years apart',
    );
  }
  return rangeBetween(fromMs, toMs);
}

function filterOf(context: Context): Filter {
  const [stream, pop] = [nameOf(context, 'stream'), nameOf(context, 'pop')];
  return { ...(stream === undefined ? {} : { stream }), ...(pop === undefined ? {} : { pop }) };
}

function nameOf(context: Context, parameter: string): string | undefined {
  const name = context.req.query(parameter);
  if (name !== undefined && (name === '' || name.length > MAX_NAME)) {
    throw new InsightError('bad-query', `${parameter} has 1 to ${MAX_NAME} characters`);
  }
  return name;
}

function oneOf<Word extends string>(
  context: Context,
  parameter: string,
  words: readonly Word[],
  usual: Word,
): Word {
  const asked = context.req.query(parameter) ?? usual;
  const word = words.find((candidate) => candidate === asked);
  if (word === undefined) throw new InsightError('bad-query', `${parameter} is one of ${words.join(', ')}`);
  return word;
}

function limitOf(context: Context): number {
  const asked = context.req.query('limit') ?? String(DEFAULT_STREAMS);
  const limit = /^\d{1,3}$/.test(asked) ? Number(asked) : 0;
  if (limit < 1 || limit > MAX_STREAMS) {
    throw new InsightError('bad-query', `limit is a whole number from 1 to ${MAX_STREAMS}`);
  }
  return limit;
}
