import type { DuckDBConnection } from '@duckdb/node-api';
import { type Level, OPEN_TABLE, tableOf } from './duckdb-schema.js';
import {
  CUBE_DIMENSIONS,
  CUBE_MEASURES,
  CUBES,
  type Cube,
  GRAIN_MINUTES,
  PLAYER_CUBES,
} from './insight-store.js';
import { clusterSelect, column, DUCKDB, MOMENT_COLUMNS, momentsSelect, readNumber, readText } from './sql.js';

/** Up to where hours and days are folded: minutes since the epoch. What is younger lies in finer tables only. */
export interface Folded {
  readonly hour: number;
  readonly day: number;
  readonly week: number;
}

export const UNFOLDED: Folded = { hour: 0, day: 0, week: 0 };

export async function readFolded(connection: DuckDBConnection): Promise<Folded> {
  const reader = await connection.runAndReadAll('SELECT grain, until FROM folded');
  const folded = { ...UNFOLDED };
  for (const row of reader.getRowObjects()) {
    const grain = readText(row, 'grain');
    if (grain === 'hour' || grain === 'day' || grain === 'week') folded[grain] = readNumber(row, 'until');
  }
  return folded;
}

/** A late commit of the minute before must find its hour open still. */
const SLACK_MINUTES = 2;

/** What can be folded now. */
export function due(minute: number, { hour, day, week }: Folded): Folded {
  const start = (minutes: number): number => {
    const until = minute - SLACK_MINUTES;
    return until - (until % minutes);
  };
  return {
    hour: Math.max(hour, start(GRAIN_MINUTES.hour)),
    day: Math.max(day, start(GRAIN_MINUTES.day)),
    week: Math.max(week, start(GRAIN_MINUTES.week)),
  };
}

/** Statements for one transaction: minutes that are over leave the open tables. */
export function foldMinutes(minute: number): string[] {
  const until = `t < ${minute}`;
  return [
    ...PLAYER_CUBES.map((cube) => addUp(cube, 'open', 'minute', 't', `cube = '${cube}' AND ${until}`)),
    `DELETE FROM ${OPEN_TABLE} WHERE ${until}`,
  ];
}

/** Statements for one transaction: hours from minutes, with the moments of their clusters. */
export function foldHours(from: number, until: number): string[] {
  const range = `t >= ${from} AND t < ${until}`;
  const hours = `(SELECT * FROM ${tableOf('stream', 'hour')} WHERE ${range}) AS hours`;
  const columns = ['t', ...MOMENT_COLUMNS].join(', ');
  return [
    ...CUBES.map((cube) => addUp(cube, 'minute', 'hour', DUCKDB.bucket(60), range)),
    `INSERT INTO cluster_moments (${columns}) ${momentsSelect(clusterSelect(hours, DUCKDB), true)}`,
    `UPDATE folded SET until = ${until} WHERE grain = 'hour'`,
  ];
}

/** Days from hours, weeks from days. */
export function foldFurther(grain: 'day' | 'week', from: number, until: number): string[] {
  const finer = grain === 'day' ? 'hour' : 'day';
  const range = `t >= ${from} AND t < ${until}`;
  return [
    ...CUBES.map((cube) => addUp(cube, finer, grain, DUCKDB.bucket(GRAIN_MINUTES[grain]), range)),
    `UPDATE folded SET until = ${until} WHERE grain = '${grain}'`,
  ];
}

function addUp(cube: Cube, from: Level, to: Level, time: string, where: string): string {
  const keys = CUBE_DIMENSIONS[cube].join(', ');
  const measures = CUBE_MEASURES[cube];
  const sums = measures.map(
    (measure) => `CAST(round(sum(${column(measure)})) AS BIGINT) AS ${column(measure)}`,
  );
  const columns = ['t', ...CUBE_DIMENSIONS[cube], ...measures.map(column)].join(', ');
  // Sorted, so that ranges of time read few row groups, and neighbours compress well.
  return `INSERT INTO ${tableOf(cube, to)} (${columns})
    SELECT bucket, ${keys}, ${measures.map(column).join(', ')} FROM (
      SELECT ${time} AS bucket, ${keys}, ${sums.join(', ')} FROM ${tableOf(cube, from)} WHERE ${where}
      GROUP BY bucket, ${keys}) AS summed ORDER BY bucket, ${keys}`;
}
