import type { Folded } from './duckdb-fold.js';
import { type Level, tableOf } from './duckdb-schema.js';
import { type Cube, GRAIN_MINUTES, type Grain, type MinuteRange } from './insight-store.js';

/**
 * Rows of a range at a grain, as a subquery: the grain's own where it is folded, finer ones for what is younger. Rows
 * of the same time and keys may be several; sums do not mind.
 */
export function source(
  cube: Cube,
  grain: Grain,
  { from, to }: MinuteRange,
  columns: readonly string[],
  conditions: readonly string[],
  folded: Folded,
): string {
  const parts: string[] = [];
  const part = (level: Level, first: number, end: number): void => {
    if (first >= end) return;
    const named = columns.map((name) => (level === 'open' ? openColumn(name) : name));
    const own = level === 'open' ? [`cube = '${cube}'`] : [];
    const where = [...own, `t >= ${first}`, `t < ${end}`, ...conditions].join(' AND ');
    parts.push(`SELECT ${['t', ...named].join(', ')} FROM ${tableOf(cube, level)} WHERE ${where}`);
  };
  let start = from;
  for (const level of ['week', 'day', 'hour'] as const) {
    if (GRAIN_MINUTES[level] > GRAIN_MINUTES[grain]) continue;
    part(level, start, Math.min(to, folded[level]));
    start = Math.max(start, folded[level]);
  }
  part('minute', start, to);
  if (cube !== 'edge') part('open', start, to);
  return parts.length === 0
    ? `(SELECT ${['t', ...columns].join(', ')} FROM ${tableOf(cube, 'minute')} WHERE 1 = 0) AS facts`
    : `(${parts.join(' UNION ALL ')}) AS facts`;
}

const KEYS = new Set(['t', 'stream', 'pop', 'arm', 'region', 'network', 'device']);

/** Open sums are doubles, since those are cheap to append; all others are integers. */
function openColumn(name: string): string {
  return KEYS.has(name) ? name : `CAST(${name} AS BIGINT) AS ${name}`;
}
