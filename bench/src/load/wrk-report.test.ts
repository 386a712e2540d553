import { describe, expect, it } from 'vitest';
import { parseWrk } from './wrk-report.js';
import { wrkScript } from './wrk-script.js';

const none = { connect: 0, read: 0, write: 0, status: 0, timeout: 0 };
const counts = { requests: 15_968, bytes: 16_747_481_284, microseconds: 3_010_227, p50: 11_846, p99: 22_263 };
const output = (report: unknown): string =>
  `Running 3s test @ http://127.0.0.1:1/\n  2 threads and 64 connections\nTransfer/sec:      5.18GB\neddy-wrk ${JSON.stringify(report)}\n`;

describe('parseWrk', () => {
  it('reads exact counts in seconds and milliseconds', () => {
    expect(parseWrk(output({ ...counts, errors: none }))).toEqual({
      requests: 15_968,
      bytes: 16_747_481_284,
      seconds: 3.010227,
      p50Ms: 11.846,
      p99Ms: 22.263,
    });
  });

  it.each(['connect', 'read', 'write', 'status', 'timeout'])('refuses a run with %s errors', (kind) => {
    const report = { ...counts, errors: { ...none, [kind]: 3 } };
    expect(() => parseWrk(output(report))).toThrowError(new RegExp(`3 ${kind}`));
  });

  it('refuses a run without a single answer', () => {
    expect(() => parseWrk(output({ ...counts, requests: 0, errors: none }))).toThrowError(
      /no request was answered/,
    );
  });

  it.each([
    ['nothing', ''],
    ['an error of wrk', 'unable to connect to 127.0.0.1:1 Connection refused\n'],
    ['half a line', 'eddy-wrk {"requests":1'],
    ['a line without errors', output(counts)],
    ['a count that is no number', output({ ...counts, requests: '12', errors: none })],
  ])('says what wrk wrote when it is %s', (_, text) => {
    expect(() => parseWrk(text)).toThrowError(expect.objectContaining({ code: 'load-output' }));
  });
});

describe('wrkScript', () => {
  it('enters Lua per request only where there are several paths', () => {
    expect(wrkScript(['/one'])).not.toContain('function request');
    expect(wrkScript(['/one', '/t"wo\\'])).toContain('wrk.format("GET", "/t\\"wo\\\\")');
  });

  it('asks in turn, or at random with a seed of its own', () => {
    expect(wrkScript(['/a', '/b'])).toContain('position % count + 1');
    expect(wrkScript(['/a', '/b'], 'random')).toMatch(/math\.randomseed[\s\S]*math\.random\(count\)/);
  });

  it('refuses a path that would break out of its line', () => {
    expect(() => wrkScript(['/a', '/b\n os.exit()'])).toThrow(RangeError);
  });
});
