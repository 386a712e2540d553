import { createClient } from '@clickhouse/client';
import { CLICKHOUSE_STATEMENTS } from '@eddy/edge';
import { openClickHouseStore } from '@eddy/edge/insight';
import { insightStoreContract } from '@eddy/edge/insight-contract';
import { afterAll, beforeAll } from 'vitest';
import { findCommand } from '../process/commands.js';
import { type ClickHouse, startClickHouse } from '../system/clickhouse.js';

// A machine that is to run everything must not pass because it cannot.
const installed = (await findCommand('clickhouse-server')) !== undefined;
const skip = !installed && process.env.CI !== 'true';
let server: ClickHouse | undefined;
let databases = 0;

if (!skip) {
  beforeAll(async () => {
    server = await startClickHouse();
  });
  afterAll(() => server?.stop());
}

const open = (database: string): ReturnType<typeof openClickHouseStore> =>
  openClickHouseStore({ url: server?.url ?? '', database, username: 'default', password: '' });

insightStoreContract(
  'ClickHouse',
  () => open(`store_${++databases}`),
  () => open(`store_${databases}`),
  { skip },
);

/** As edges made them before docs/decisions/0211: they go on. */
async function openSortedByTime(database: string): ReturnType<typeof openClickHouseStore> {
  const client = createClient({ url: server?.url ?? '' });
  try {
    await client.command({ query: `CREATE DATABASE ${database}` });
    for (const statement of CLICKHOUSE_STATEMENTS) {
      const query = statement
        .replace('NOT EXISTS ', `NOT EXISTS ${database}.`)
        .replace(/\(cube, grain, intDiv\(.*, 1\)\), stream, t,/, '(cube, grain, t, stream,');
      await client.command({ query });
    }
  } finally {
    await client.close();
  }
  return open(database);
}

insightStoreContract(
  'ClickHouse, tables sorted by time',
  () => openSortedByTime(`older_${++databases}`),
  undefined,
  { skip },
);
