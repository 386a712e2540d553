import { createClient } from '@clickhouse/client';
import {
  CUBE_DIMENSIONS,
  CUBE_NUMBERS,
  type Cube,
  column,
  GRAIN_NUMBERS,
  GRAINS,
  type Grain,
  MEASURES,
  MOMENT_COLUMNS,
  openClickHouseStore,
  streamId,
} from '@eddy/edge/insight';
import { ARMS, DEVICES, type FillSize, madeUp, rowsAtOnce, streamName, times } from './filling.js';

/** An insert of a week at most, so that it has one partition. */
const WEEK = 7 * 1440;
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
    for (const cube of ['total', 'audience', 'stream'] as const) {
      for (const grain of GRAINS) {
        const { from, count, step } = times(size, grain);
        const end = from + count * step;
        for (let start = from; start < end; start = Math.min(end, start - (start % WEEK) + WEEK)) {
          progress(`ClickHouse: ${cube} by ${grain}, week ${Math.floor(start / WEEK)}`);
          const until = Math.min(end, start - (start % WEEK) + WEEK);
          await run(
            statement(cube, grain, size, { start, count: Math.ceil((until - start) / step), step }, names),
          );
        }
      }
    }
    const { from, count } = times({ ...size, hourDays: size.dayDays }, 'hour');
    const values = MOMENT_COLUMNS.map((_, index) => (index === 0 ? '2000' : `${1000 * (index + 1)}`));
    await run(
      `INSERT INTO cluster_moments SELECT ${from} + number * 60, ${values.join(', ')} FROM system.numbers LIMIT ${count}`,
    );
  } finally {
    await client.close();
  }
}

function statement(
  cube: Cube,
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
