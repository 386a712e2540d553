import { InsightError } from '../errors.js';
import { type ExportFormat, writeRows } from '../export/write-rows.js';
import { COUNTERS } from '../measures/measures.js';
import {
  CUBE_DIMENSIONS,
  CUBE_MEASURES,
  type Cube,
  GRAIN_MINUTES,
  type Grain,
  type InsightStore,
  type Keys,
  type RowPosition,
} from '../store/insight-store.js';
import type { Answer } from './question.js';
import { type QueryRange, widened } from './range.js';

/** Rows at once: they are all held in memory. */
export const MAX_EXPORT_ROWS = 200_000;

export interface ExportAsked {
  readonly cube: Cube;
  readonly format: ExportFormat;
  /** Default: by the range. */
  readonly grain: Grain | undefined;
  readonly range: QueryRange;
  readonly where: Keys;
  /** Undefined: all rows, or none. */
  readonly limit: number | undefined;
  readonly after: RowPosition | undefined;
}

/**
 * Rows of a cube by time and keys. `linkAfter` makes a link of the last row of a page that is not the last one.
 *
 * @throws InsightError `bad-query` where there are more rows than fit, and no pages are asked for.
 */
export async function exportRows(
  store: InsightStore,
  { cube, format, range, where, limit, after, ...asked }: ExportAsked,
  linkAfter: (last: RowPosition) => string,
): Promise<Answer> {
  const grain = asked.grain ?? widened(range).grain;
  const stepMinutes = GRAIN_MINUTES[grain];
  const by = CUBE_DIMENSIONS[cube];
  const measures = cube === 'edge' ? CUBE_MEASURES.edge : COUNTERS;
  const from = Math.floor(range.from / stepMinutes) * stepMinutes;
  const to = Math.ceil(range.to / stepMinutes) * stepMinutes;
  const most = limit ?? MAX_EXPORT_ROWS;
  const rows = await store.query({
    ...{ cube, grain, from, to, stepMinutes, by, where, measures, limit: most + 1 },
    ...(after === undefined ? {} : { after }),
  });
  if (limit === undefined && rows.length > most) {
    throw new InsightError(
      'bad-query',
      `more than ${MAX_EXPORT_ROWS} rows: ask for less, for a coarser grain, or page by page with limit`,
    );
  }
  const shown = rows.slice(0, most);
  const last = rows.length > most ? shown.at(-1) : undefined;
  const link = last && linkAfter({ minute: last.minute, keys: last.keys });
  return {
    body: new Uint8Array(await writeRows(shown, { by, measures }, format)),
    fields: {
      'Content-Type': format === 'csv' ? 'text/csv; charset=UTF-8' : 'application/vnd.apache.parquet',
      'Content-Disposition': `attachment; filename="eddy-${cube}-${grain}.${format}"`,
      ...(link === undefined ? {} : { Link: `<${link}>; rel="next"` }),
    },
  };
}
