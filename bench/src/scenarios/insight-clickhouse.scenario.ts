import { openClickHouseStore } from '@eddy/edge/insight';
import { insightStoreContract } from '@eddy/edge/insight-contract';
import { afterAll, beforeAll } from 'vitest';
import { findCommand } from '../process/commands.js';
import { type ClickHouse, startClickHouse } from '../system/clickhouse.js';

// A machine that is to run everything must not pass because it cannot.
const installed = (await findCommand('clickhouse-server')) !== undefined;
let server: ClickHouse | undefined;
let databases = 0;

if (installed || process.env.CI === 'true') {
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
  { skip: !installed && process.env.CI !== 'true' },
);
