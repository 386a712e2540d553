import { InsightError } from '../errors.js';
import { EXPORT_FORMATS } from '../export/write-rows.js';
import { priceListSchema } from '../prices/plans.js';
import {
  CUBE_DIMENSIONS,
  CUBES,
  type Cube,
  GRAINS,
  type Keys,
  type RowPosition,
} from '../store/insight-store.js';
import { type Continuation, questionOf, readCursor, writeCursor } from './cursor.js';
import { edges } from './edges-query.js';
import { exportRows, MAX_EXPORT_ROWS } from './export-query.js';
import {
  ARM,
  AUDIENCE,
  given,
  name,
  oneOf,
  POP,
  page,
  RANGE,
  type RangeParams,
  rangeOf,
  STREAM,
} from './params.js';
import { type Answer, type Question, type QuestionComponents, question } from './question.js';
import type { QueryRange } from './range.js';
import { savings } from './savings-query.js';
import { savingsTrend } from './savings-trend-query.js';
import * as forms from './schemas/forms.js';

const FILTERS = { ...STREAM, ...POP, ...AUDIENCE };
const STREAMS = { most: 100, usual: 50 };
const EDGES = { most: 500, usual: 100 };

/** The query API, path by path. */
export const QUESTIONS: readonly Question[] = [
  question({
    path: 'summary',
    summary: 'Who watches now, and sums of a range',
    params: { ...RANGE, ...FILTERS },
    gives: forms.summary,
    answer: async (components, { range, from, to, ...filter }) =>
      json(await components.queries.summary(within(components, { range, from, to }), given(filter))),
  }),
  question({
    path: 'timeline',
    summary: 'The same sums by step',
    params: { ...RANGE, ...FILTERS, ...ARM },
    gives: forms.timeline,
    answer: async (components, { range, from, to, ...filter }) =>
      json(await components.queries.timeline(within(components, { range, from, to }), given(filter))),
  }),
  question({
    path: 'streams',
    summary: 'Streams, those with the most bytes first',
    params: { ...RANGE, ...POP, ...page(STREAMS.most, String(STREAMS.usual)) },
    gives: forms.streams,
    async answer(components, asked) {
      const { range, after, listed } = list(components, 'streams', asked);
      const { limit = STREAMS.usual, pop } = asked;
      return listed(await components.queries.streams(range, { limit, after }, given({ pop })));
    },
  }),
  question({
    path: 'quality',
    summary: 'Start-up, stalls, bitrate and errors, with and without peers',
    params: { ...RANGE, ...FILTERS },
    gives: forms.quality,
    answer: async (components, { range, from, to, ...filter }) =>
      json(await components.queries.quality(within(components, { range, from, to }), given(filter))),
  }),
  question({
    path: 'audience',
    summary: 'Who watches, by region, network or device',
    params: {
      ...{ ...RANGE, ...AUDIENCE },
      by: oneOf(['region', 'network', 'device'], 'What is told apart. Default region.'),
    },
    gives: forms.audience,
    answer: async (components, { range, from, to, by = 'region', ...filter }) =>
      json(await components.queries.audience(within(components, { range, from, to }), by, given(filter))),
  }),
  question({
    path: 'integrity',
    summary: 'What players claim and others do not confirm',
    params: { ...RANGE, ...STREAM, ...POP },
    isBeyondFilters: true,
    gives: forms.integrity,
    answer: async (components, { range, from, to, ...filter }) =>
      json(await components.queries.integrity(within(components, { range, from, to }), given(filter))),
  }),
  question({
    path: 'edges',
    summary: 'What edges count by themselves: requests, hits, bytes sent and fetched, refusals',
    params: {
      ...{ ...RANGE, ...POP, edge: name('Only of this edge, by its `name`.') },
      ...page(EDGES.most, String(EDGES.usual)),
    },
    gives: forms.edges,
    async answer(components, asked) {
      const { range, after, listed } = list(components, 'edges', asked);
      const { limit = EDGES.usual, pop, edge } = asked;
      return listed(await edges(components, range, { limit, after }, given({ pop, edge })));
    },
  }),
  question({
    path: 'savings',
    summary: 'Bytes saved, with a 95% interval, and what they were worth',
    params: {
      ...RANGE,
      ...STREAM,
      ...POP,
      plan: name('By this plan of `prices` instead of the one in use.'),
    },
    gives: forms.savings,
    async answer(components, { range, from, to, plan, ...filter }) {
      const { plans } = components.prices;
      if (plan !== undefined && !plans.some((known) => known.name === plan)) {
        throw new InsightError('bad-query', `plan is one of ${plans.map((known) => known.name).join(', ')}`);
      }
      return json(await savings(components, within(components, { range, from, to }), given(filter), plan));
    },
  }),
  question({
    path: 'savings-trend',
    summary: 'Bytes saved by step, each with its 95% interval',
    params: { ...RANGE, ...STREAM, ...POP },
    gives: forms.savingsTrend,
    answer: async (components, { range, from, to, ...filter }) =>
      json(await savingsTrend(components.store, within(components, { range, from, to }), given(filter))),
  }),
  question({
    path: 'prices',
    summary: 'The price list',
    params: {},
    gives: priceListSchema,
    answer: ({ prices }) => json(prices),
  }),
  question({
    path: 'export',
    summary: 'Rows of a cube as a file; with `limit` in pages, of which each names the next one in `Link`',
    params: {
      ...RANGE,
      cube: oneOf(CUBES, 'Sums by PoP and arm (`total`, default), by stream, by who watches, or of edges.'),
      format: oneOf(EXPORT_FORMATS, 'Of the file. Default csv.'),
      grain: oneOf(GRAINS, 'Length of a row. Default by the range.'),
      ...{ ...FILTERS, edge: name('Only of this edge, in the cube `edge`.') },
      ...page(MAX_EXPORT_ROWS, `none: all rows, at most ${MAX_EXPORT_ROWS}`),
    },
    gives: ['text/csv', 'application/vnd.apache.parquet'],
    async answer(components, asked) {
      const { cube = 'total', format = 'csv', grain, limit } = asked;
      const { stream, pop, region, network, device, edge } = asked;
      const where = keysOf(cube, given({ stream, pop, region, network, device, edge }));
      const { range, after, cursorOf } = list(components, 'export', asked);
      return exportRows(components.store, { cube, format, grain, range, where, limit, after }, (last) => {
        const same = {
          ...where,
          ...given({ cube: asked.cube, format: asked.format, grain }),
          limit: String(limit),
        };
        return `/api/export?${new URLSearchParams({ ...same, cursor: cursorOf(last) })}`;
      });
    },
  }),
];

function json(answer: unknown): Answer {
  return { json: answer };
}

function within({ wallClock }: QuestionComponents, asked: RangeParams): QueryRange {
  return rangeOf(asked, wallClock.now());
}

interface Listed {
  readonly answer: object;
  /** Undefined: it was all. */
  readonly last: RowPosition | undefined;
}

interface List {
  readonly range: QueryRange;
  readonly after: RowPosition | undefined;
  cursorOf(last: RowPosition): string;
  listed(found: Listed): Answer;
}

/** A list from its beginning, or from where the page before ended; then with the range of that one. */
function list(
  components: QuestionComponents,
  path: string,
  asked: RangeParams & { readonly cursor?: string | undefined },
): List {
  const mark = questionOf(path, { ...asked });
  const begun: Continuation | undefined =
    asked.cursor === undefined ? undefined : readCursor(mark, asked.cursor);
  const range = begun?.range ?? within(components, asked);
  const cursorOf = (after: RowPosition): string => writeCursor(mark, { range, after });
  return {
    ...{ range, after: begun?.after, cursorOf },
    listed: ({ answer, last }) => json({ ...answer, nextCursor: last === undefined ? null : cursorOf(last) }),
  };
}

/** @throws InsightError `bad-query` for what the cube does not tell apart. */
function keysOf(cube: Cube, where: Keys): Keys {
  const known: readonly string[] = CUBE_DIMENSIONS[cube];
  const strange = Object.keys(where).filter((name) => !known.includes(name));
  if (strange.length === 0) return where;
  throw new InsightError(
    'bad-query',
    `the cube ${cube} cannot be narrowed by ${strange.join(', ')}: it has ${known.join(', ')}`,
  );
}
