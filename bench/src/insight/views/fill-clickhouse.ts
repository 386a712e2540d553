import { type ClickHouseClient, createClient } from '@clickhouse/client';
import {
  CUBE_DIMENSIONS,
  CUBE_NUMBERS,
  column,
  GRAIN_NUMBERS,
  GRAINS,
  type Grain,
  MEASURES,
  MOMENT_COLUMNS,
  openClickHouseStore,
  type PlayerCube,
  streamId,
} from '@eddy/edge/insight';
import { ARMS, DEVICES, type FillSize, madeUp, rowsAtOnce, streamName, times } from './filling.js';

/** An insert has one partition, which is a week, and ends well before a client gives up: minutes of a day at most. */
const WEEK = 7 * 1440;
const DAY = 1440;
/** The server gives each of them a core. */
const AT_ONCE = 2;
const TIMEOUT_MS = 900_000;

export const DATABASE = 'eddy';

/** Fills an empty database with made-up figures. */
export async function fillClickHouse(
  url: string,
  size: FillSize,
  progress: (line: string) => void,
): Promise<void> {
  await (await openClickHouseStore({ url, database: DATABASE, username: 'default', password: '' })).close();
  const client = createClient({ url, database: DATABASE, request_timeout: TIMEOUT_MS });
  const run = (query: string): Promise<unknown> => client.command({ query });
  try {
    const names = Array.from({ length: size.streams }, (_, index) => streamName(index));
    await client.insert({
      table: 'stream_names',
      values: names.map((name) => ({ id: streamId(name), name })),
      format: 'JSONEachRow',
    });
    const fills: { readonly what: string; readonly query: string }[] = [];
    for (const cube of ['total', 'audience', 'stream'] as const) {
      for (const grain of GRAINS) {
        const { from, count, step } = times(size, grain);
        const end = from + count * step;
        const longest = grain === 'minute' ? DAY : WEEK;
        for (let start = from; start < end; start = Math.min(end, start - (start % longest) + longest)) {
          const until = Math.min(end, start - (start % longest) + longest);
          fills.push({
            what: `${cube} by ${grain}, day ${Math.floor(start / DAY)}`,
            query: statement(
              cube,
              grain,
              size,
              { start, count: Math.ceil((until - start) / step), step },
              names,
            ),
          });
        }
      }
    }
    const next = fills[Symbol.iterator]();
    const fill = async (): Promise<void> => {
      for (const { what, query } of next) {
        progress(`ClickHouse: ${what}`);
        await run(query);
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, fill));
    const { from, count } = times({ ...size, hourDays: size.dayDays }, 'hour');
    const values = MOMENT_COLUMNS.map((_, index) => (index === 0 ? '2000' : `${1000 * (index + 1)}`));
    await run(
      `INSERT INTO cluster_moments SELECT ${from} + number * 60, ${values.join(', ')} FROM system.numbers LIMIT ${count}`,
    );
    await mergeParts(client, progress);
  } finally {
    await client.close();
  }
}

/** A server has had years in which to merge the parts that are filled in here within minutes. */
async function mergeParts(client: ClickHouseClient, progress: (line: string) => void): Promise<void> {
  const answer = await client.query({
    query: `SELECT partition AS named FROM system.parts WHERE active AND database = '${DATABASE}' AND table = 'facts'
      GROUP BY partition HAVING count() > 1`,
    format: 'JSONEachRow',
  });
  const partitions = await answer.json<{ readonly named: string }>();
  for (const [index, { named }] of partitions.entries()) {
    progress(`ClickHouse: merging partition ${index + 1} of ${partitions.length}`);
    await client.command({ query: `OPTIMIZE TABLE facts PARTITION ${named} FINAL` });
  }
}

function statement(
  cube: PlayerCube,
  grain: Grain,
  size: FillSize,
  { start, count, step }: { start: number; count: number; step: number },
  names: readonly string[],
): string {
  const each = rowsAtOnce(size, cube);
  const list = (words: readonly string[]): string => `[${words.map((word) => `'${word}'`).join(', ')}]`;
  const digit = (divisor: number, base: number): string => `intDiv(r, ${divisor}) % ${base}`;
  const a = ARMS.length;
  const arm = `${list(ARMS)}[${digit(1, a)} + 1]`;
  const pop = `concat('pop', toString(${digit(a, size.pops)}))`;
  const dimensions: Record<string, string> = {
    total: { pop, arm },
    stream: {
      stream: `[${names.map((name) => streamId(name)).join(', ')}][${digit(a * size.pops, size.streams)} + 1]`,
      pop,
      arm,
    },
    audience: {
      region: `concat('R', toString(${digit(a * DEVICES.length * size.networks, size.regions)}))`,
      network: `concat('AS', toString(${digit(a * DEVICES.length, size.networks)}))`,
      device: `${list(DEVICES)}[${digit(a, DEVICES.length)} + 1]`,
      arm,
    },
  }[cube];
  const measures = MEASURES.map((measure, index) => ({
    name: column(measure),
    value: madeUp(measure, index, (bits) => `bitShiftRight(h, ${bits})`),
  })).filter(({ value }) => value !== '0');
  const keys = CUBE_DIMENSIONS[cube];
  return `INSERT INTO facts (cube, grain, t, ${keys.join(', ')}, ${measures.map(({ name }) => name).join(', ')})
    SELECT ${CUBE_NUMBERS[cube]}, ${GRAIN_NUMBERS[grain]}, t, ${keys.map((key) => dimensions[key]).join(', ')},
      ${measures.map(({ value }) => value).join(', ')} FROM (
      SELECT toUInt32(${start} + intDiv(number, ${each}) * ${step}) AS t, number % ${each} AS r, cityHash64(number, ${start}) AS h
      FROM system.numbers LIMIT ${count * each}) AS made`;
}
