import { hash } from 'node:crypto';
import { InsightError } from '../errors.js';
import type { Measure } from '../measures/measures.js';
import { type ClusterMoments, PRODUCTS, VARIABLES } from '../savings/moments.js';
import type { CubeQuery, Dimension, Keys, QueryRow, RowPosition } from './insight-store.js';

/** SQL that DuckDB and ClickHouse (18.16 too) understand alike: sums over integers, no alias named as a column. */

/** A row as the database gives it. */
export type Row = Readonly<Record<string, unknown>>;

/** Column of a measure: `edge_bytes`, `startup_3`. */
export function column(measure: Measure): string {
  return measure.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

/** Streams are kept by number: 48 bits of a hash, the same on every edge. Their names are kept once. */
export function streamId(name: string): number {
  return Number.parseInt(hash('sha256', name, 'hex').slice(0, 12), 16);
}

/** A text as both read it, whatever is in it. */
export function quoted(text: string, dialect: 'duckdb' | 'clickhouse'): string {
  const doubled = text.replaceAll("'", "''");
  return dialect === 'duckdb' ? `'${doubled}'` : `'${doubled.replaceAll('\\', '\\\\')}'`;
}

export interface Dialect {
  readonly name: 'duckdb' | 'clickhouse';
  /** Whole part of a division by a constant, as an integer. */
  bucket(minutes: number): string;
}

export const DUCKDB: Dialect = { name: 'duckdb', bucket: (minutes) => `t - t % ${minutes}` };
export const CLICKHOUSE: Dialect = {
  name: 'clickhouse',
  bucket: (minutes) => `intDiv(t, ${minutes}) * ${minutes}`,
};

/** `stream` as its number, all others as text. */
export function conditions(where: Keys, { name }: Dialect): string[] {
  return (Object.entries(where) as [Dimension, string][]).map(([dimension, value]) =>
    dimension === 'stream' ? `stream = ${streamId(value)}` : `${dimension} = ${quoted(value, name)}`,
  );
}

/** The question over `source`, which has `t`, the dimensions asked by and the measures, filtered already. */
export function cubeSelect(query: CubeQuery, source: string, dialect: Dialect): string {
  const { by, stepMinutes, measures, largest, limit = largest?.limit } = query;
  const groups = [
    ...(stepMinutes === undefined ? [] : ['time_bucket']),
    ...by.map((dimension) => `by_${dimension}`),
  ];
  const sum = (largest?.by ?? []).map((measure) => `total_${column(measure)}`).join(' + ');
  const selected = [
    ...(stepMinutes === undefined ? [] : [`${dialect.bucket(stepMinutes)} AS time_bucket`]),
    ...by.map((dimension) => `${dimension} AS by_${dimension}`),
    ...measures.map((measure) => `sum(${column(measure)}) AS total_${column(measure)}`),
  ];
  const order = [...(largest === undefined ? [] : [`${sum} DESC`]), ...groups].join(', ');
  return [
    `SELECT ${selected.join(', ')} FROM ${source}`,
    groups.length === 0 ? '' : `GROUP BY ${groups.join(', ')}`,
    query.after === undefined ? '' : `HAVING ${follows(query, query.after, sum, dialect)}`,
    order === '' ? '' : `ORDER BY ${order}`,
    limit === undefined ? '' : `LIMIT ${limit}`,
  ].join(' ');
}

/** Whether a row comes after another one: behind it in the first column of the order that differs. */
function follows(
  { by, stepMinutes, largest }: CubeQuery,
  after: RowPosition,
  sum: string,
  { name }: Dialect,
): string {
  const columns = [
    ...(largest === undefined ? [] : [{ of: `(${sum})`, sign: '<', value: String(after.sum ?? 0) }]),
    ...(stepMinutes === undefined
      ? []
      : [{ of: 'time_bucket', sign: '>', value: String(after.minute ?? 0) }]),
    ...by.map((dimension) => {
      const key = after.keys[dimension] ?? '';
      return {
        of: `by_${dimension}`,
        sign: '>',
        value: dimension === 'stream' ? String(streamId(key)) : quoted(key, name),
      };
    }),
  ];
  const ways = columns.map(({ of, sign, value }, index) => {
    const same = columns.slice(0, index).map((before) => `${before.of} = ${before.value}`);
    return `(${[...same, `${of} ${sign} ${value}`].join(' AND ')})`;
  });
  return ways.join(' OR ');
}

/** Columns that `cubeSelect` reads, without `t`. */
export function columnsOf({ by, measures, largest }: CubeQuery): string[] {
  const wanted = [...new Set([...measures, ...(largest?.by ?? [])])];
  return [...by, ...wanted.map(column)];
}

/** Streams come as numbers. */
export function readRow(row: Row, { by, stepMinutes, measures }: CubeQuery): QueryRow {
  const keys: { -readonly [Name in keyof Keys]: Keys[Name] } = {};
  for (const dimension of by) {
    keys[dimension] =
      dimension === 'stream' ? String(readNumber(row, 'by_stream')) : readText(row, `by_${dimension}`);
  }
  const sums: { -readonly [Name in Measure]?: number } = {};
  for (const measure of measures) sums[measure] = readNumber(row, `total_${column(measure)}`);
  return { minute: stepMinutes === undefined ? 0 : readNumber(row, 'time_bucket'), keys, sums };
}

/** An ungrouped sum over nothing is one row of nulls. */
export function isEmptySum(row: Row): boolean {
  return Object.values(row).every((value) => value === null);
}

const CLUSTER_COLUMNS = ['holdout_gb', 'holdout_hours', 'treated_gb', 'treated_hours'];

/** One row a cluster, of a source with `t`, `stream`, `arm` and sums by time. */
export function clusterSelect(source: string, dialect: Dialect): string {
  const of = (arm: string, expression: string, unit: string): string =>
    `sum(CASE WHEN arm = '${arm}' THEN ${expression} ELSE 0 END) / ${unit}`;
  const values = [
    of('holdout', 'edge_bytes', '1e9'),
    of('holdout', 'watched_ms', '3.6e6'),
    of('treated', 'edge_bytes', '1e9'),
    of('treated', 'watched_ms', '3.6e6'),
  ];
  const selected = values.map((value, index) => `${value} AS ${CLUSTER_COLUMNS[index]}`);
  return `SELECT ${dialect.bucket(60)} AS hour_start, stream AS in_stream, ${selected.join(', ')}
    FROM ${source} GROUP BY hour_start, in_stream`;
}

/** Names of the moments' columns, in the order of `momentValues`. */
export const MOMENT_COLUMNS: readonly string[] = [
  'clusters',
  ...VARIABLES.map((_, index) => `sum_${index}`),
  ...PRODUCTS.map(([one, other]) => `product_${one}${other}`),
];

/** Sums and products of what `clusterSelect` gives. */
export function momentsSelect(clusters: string, grouped = false): string {
  const name = (index: number): string => CLUSTER_COLUMNS[index] ?? '';
  const values = [
    ...VARIABLES.map((_, index) => `sum(${name(index)})`),
    ...PRODUCTS.map(([one, other]) => `sum(${name(one)} * ${name(other)})`),
  ];
  const selected = [
    'count(*) AS clusters',
    ...values.map((value, at) => `${value} AS ${MOMENT_COLUMNS[at + 1]}`),
  ];
  const [head, tail] = grouped ? ['hour_start AS t, ', ' GROUP BY hour_start ORDER BY hour_start'] : ['', ''];
  return `SELECT ${head}${selected.join(', ')} FROM (${clusters}) AS clustered${tail}`;
}

export function readMoments(row: Row | undefined): ClusterMoments {
  const value = (name: string): number => (row?.[name] == null ? 0 : readNumber(row, name));
  return {
    clusters: value('clusters'),
    sums: VARIABLES.map((_, index) => value(`sum_${index}`)),
    products: PRODUCTS.map(([one, other]) => value(`product_${one}${other}`)),
  };
}

/** Sums beyond 2^53 lose their last digits, which no figure shows. */
export function readNumber(row: Row, name: string): number {
  const value = row[name];
  if (typeof value === 'number') return value;
  if (typeof value === 'bigint') return Number(value);
  // ClickHouse writes integers of 64 bits as text.
  if (typeof value === 'string' && /^-?\d+(\.\d+)?(e[+-]?\d+)?$/i.test(value)) return Number(value);
  throw new InsightError('store-failed', `The store gave ${String(value)} for ${name}, not a number.`);
}

export function readText(row: Row, name: string): string {
  const value = row[name];
  if (typeof value === 'string') return value;
  throw new InsightError('store-failed', `The store gave ${typeof value} for ${name}, not a text.`);
}
