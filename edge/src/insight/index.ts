// For benches and scenarios: the stores, what is asked of them, and the made-up audience whose savings are known.
export { LiveWindow } from './live/live-window.js';
export { BITRATE, bucketOf, REBUFFER, STARTUP } from './measures/log-buckets.js';
export { buckets, COUNTERS, MEASURES, type Measure, type Sums, Tally } from './measures/measures.js';
export { billed, type Traffic } from './prices/bill.js';
export type { Plan, PriceList } from './prices/plans.js';
export { readPrices } from './prices/read-prices.js';
export { RANGE_NAMES, type RangeName } from './queries/figures.js';
export { Queries } from './queries/queries.js';
export { rangeEndingAt } from './queries/range.js';
export { savings } from './queries/savings-query.js';
export type { Fact } from './rollup/fact.js';
export { rollUp } from './rollup/rollup.js';
export { type GroundTruth, runGroundTruth } from './savings/ground-truth.js';
export { CUBE_NUMBERS, GRAIN_NUMBERS } from './store/clickhouse-schema.js';
export { type ClickHouseSettings, openClickHouseStore } from './store/clickhouse-store.js';
export { openDuckDbStore } from './store/duckdb-store.js';
export {
  CUBE_DIMENSIONS,
  type Cube,
  GRAIN_MINUTES,
  GRAINS,
  type Grain,
  type InsightStore,
  type PlayerCube,
} from './store/insight-store.js';
export { column, MOMENT_COLUMNS, streamId } from './store/sql.js';
