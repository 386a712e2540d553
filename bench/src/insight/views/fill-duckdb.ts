import { DuckDBInstance } from '@duckdb/node-api';
import {
  column,
  GRAINS,
  type Grain,
  MEASURES,
  MOMENT_COLUMNS,
  openDuckDbStore,
  type PlayerCube,
  streamId,
} from '@eddy/edge/insight';
import { ARMS, DEVICES, END_MINUTE, type FillSize, madeUp, streamName, times } from './filling.js';

/** Fills a new file with made-up figures, as the store would have folded them. */
export async function fillDuckDb(
  file: string,
  size: FillSize,
  progress: (line: string) => void,
): Promise<void> {
  await (await openDuckDbStore(file)).close();
  const instance = await DuckDBInstance.create(file, { threads: '2', memory_limit: '6GB' });
  const connection = await instance.connect();
  try {
    for (let index = 0; index < size.streams; index++) {
      const name = streamName(index);
      await connection.run('INSERT INTO stream_names VALUES ($id, $name)', {
        id: BigInt(streamId(name)),
        name,
      });
    }
    await connection.run(
      'CREATE TEMP TABLE stream_list AS SELECT id AS stream FROM stream_names ORDER BY id',
    );
    for (const cube of ['total', 'audience', 'stream'] as const) {
      for (const grain of GRAINS) {
        progress(`DuckDB: ${cube} by ${grain}`);
        await connection.run(statement(cube, grain, size));
      }
    }
    await connection.run(`UPDATE folded SET until = ${END_MINUTE}`);
    const { from, count } = times({ ...size, hourDays: size.dayDays }, 'hour');
    const values = MOMENT_COLUMNS.map((_, index) => (index === 0 ? '2000.0' : `${1000 * (index + 1)}.0`));
    await connection.run(
      `INSERT INTO cluster_moments SELECT ${from} + i * 60, ${values.join(', ')} FROM range(${count}) AS steps(i)`,
    );
    await connection.run('CHECKPOINT');
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}

function statement(cube: PlayerCube, grain: Grain, size: FillSize): string {
  const { from, count, step } = times(size, grain);
  const arms = `(VALUES ${ARMS.map((arm) => `('${arm}')`).join(', ')}) AS arms(arm)`;
  const pops = `(SELECT 'pop' || i AS pop FROM range(${size.pops}) AS p(i)) AS pops`;
  const keys = {
    total: { names: ['pop', 'arm'], from: [pops, arms] },
    stream: { names: ['stream', 'pop', 'arm'], from: ['stream_list', pops, arms] },
    audience: {
      names: ['region', 'network', 'device', 'arm'],
      from: [
        `(SELECT 'R' || i AS region FROM range(${size.regions}) AS r(i)) AS regions`,
        `(SELECT 'AS' || i AS network FROM range(${size.networks}) AS n(i)) AS networks`,
        `(VALUES ${DEVICES.map((device) => `('${device}')`).join(', ')}) AS devices(device)`,
        arms,
      ],
    },
  }[cube];
  const measures = MEASURES.map((measure, index) => {
    const value = madeUp(measure, index, (bits) => `h >> ${bits}`);
    return value === '0' ? `0 AS ${column(measure)}` : `CAST(${value} AS BIGINT) AS ${column(measure)}`;
  });
  const hashed = ['t', ...keys.names].join(', ');
  return `INSERT INTO ${cube}_${grain} SELECT t, ${keys.names.join(', ')}, ${measures.join(', ')} FROM (
    SELECT *, hash(${hashed}) AS h FROM (
      SELECT ${from} + i * ${step} AS t FROM range(${count}) AS steps(i)) AS moments, ${keys.from.join(', ')}) AS made`;
}
