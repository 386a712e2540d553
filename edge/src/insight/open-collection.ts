import type { Hono } from 'hono';
import type { Clock, Timers } from '../components.js';
import type { InsightConfig } from './config.js';
import { Intake } from './intake/intake.js';
import { LiveWindow } from './live/live-window.js';
import { readPrices } from './prices/read-prices.js';
import { Queries } from './queries/queries.js';
import { queryRoutes } from './queries/query-routes.js';
import type { ReaderEnv } from './readers/reader.js';
import { openClickHouseStore } from './store/clickhouse-store.js';
import { openDuckDbStore } from './store/duckdb-store.js';

export interface CollectionComponents {
  readonly clock: Clock;
  readonly wallClock: Clock;
  readonly timers: Timers;
  readonly onCommit: (seconds: number) => void;
  readonly unreportedBytes: () => number;
  /** Told what went wrong while figures were tended. */
  readonly report: (error: unknown) => void;
}

export interface Collection {
  readonly intake: Intake;
  /** The query API. */
  readonly api: Hono<ReaderEnv>;
  close(): Promise<void>;
}

const TEND_EVERY_MS = 60_000;
const PRUNE_EVERY_TENDING = 15;

/** A store with its intake and its questions, tended once a minute. @throws InsightError `store-…` or `bad-prices`. */
export async function openCollection(
  components: CollectionComponents,
  config: InsightConfig,
): Promise<Collection> {
  const { timers, wallClock, report, unreportedBytes } = components;
  const prices = await readPrices(config.pricesFile);
  const { clickhouse, databaseFile, limits } = config;
  const store =
    clickhouse === undefined ? await openDuckDbStore(databaseFile) : await openClickHouseStore(clickhouse);
  const live = new LiveWindow({ maxSessions: limits.sessions });
  const commitEveryMs = clickhouse === undefined ? limits.journalEveryMs : limits.commitEveryMs;
  const intake = new Intake({ ...components, store, live }, { ...limits, commitEveryMs });
  try {
    await intake.remember();
  } catch (error) {
    await store.close();
    throw error;
  }

  let tendings = 0;
  let tending = Promise.resolve();
  let cancelTend = timers.after(TEND_EVERY_MS, tend);
  function tend(): void {
    tendings++;
    const prunes = tendings % PRUNE_EVERY_TENDING === 0;
    tending = intake
      .tend()
      .then(() => (prunes ? intake.prune() : undefined))
      .catch(report);
    cancelTend = timers.after(TEND_EVERY_MS, tend);
  }

  const queries = new Queries({ store, live, wallClock, unreportedBytes });
  return {
    intake,
    api: queryRoutes({ queries, store, prices, wallClock }),
    async close() {
      cancelTend();
      await intake.close();
      await tending;
      await store.close();
    },
  };
}
