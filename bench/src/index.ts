export type { Bench, BenchComponents, BenchOptions } from './bench.js';
export { BENCHES } from './catalog.js';
export { BenchError, type BenchErrorCode } from './errors.js';
export type { Report } from './report/report.js';
