import { BenchError } from '../errors.js';
import { REPORT_MARK } from './wrk-script.js';

/** What one run of wrk has seen. */
export interface LoadResult {
  readonly requests: number;
  /** Bytes read, heads included. */
  readonly bytes: number;
  readonly seconds: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

const ERRORS = ['connect', 'read', 'write', 'status', 'timeout'] as const;

function record(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? { ...value } : {};
}

/**
 * Parses what wrk with our script wrote. Throws BenchError `load-output` where the line is missing or odd, and
 * `load-failed` where any request failed: a server that refuses is fast, and its figures mean nothing.
 */
export function parseWrk(output: string): LoadResult {
  const line = output.split('\n').find((candidate) => candidate.startsWith(REPORT_MARK));
  const odd = (cause?: unknown): BenchError =>
    new BenchError(
      'load-output',
      `wrk did not report its counts; it wrote:\n${output.trim().slice(0, 2000)}`,
      { cause },
    );
  if (line === undefined) throw odd();
  let report: Record<string, unknown>;
  try {
    report = record(JSON.parse(line.slice(REPORT_MARK.length)));
  } catch (cause) {
    throw odd(cause);
  }
  const count = (fields: Record<string, unknown>, key: string): number => {
    const value = fields[key];
    if (typeof value !== 'number' || !Number.isFinite(value) || value < 0) throw odd();
    return value;
  };
  const errors = record(report.errors);
  const failed = ERRORS.map((kind) => [kind, count(errors, kind)] as const).filter(([, times]) => times > 0);
  if (failed.length > 0) {
    const what = failed.map(([kind, times]) => `${times} ${kind}`).join(', ');
    throw new BenchError('load-failed', `requests failed under load (${what}); look at the server's log`);
  }
  const [requests, microseconds] = [count(report, 'requests'), count(report, 'microseconds')];
  if (requests === 0 || microseconds === 0) {
    throw new BenchError('load-failed', 'no request was answered under load; is the server stuck?');
  }
  return {
    requests,
    bytes: count(report, 'bytes'),
    seconds: microseconds / 1e6,
    p50Ms: count(report, 'p50') / 1000,
    p99Ms: count(report, 'p99') / 1000,
  };
}
