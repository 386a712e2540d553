import { beforeEach, describe, expect, it } from 'vitest';
import { HeldTimers } from '../../held-timers.js';
import { EDGE_COUNTERS } from '../measures/edge-counters.js';
import type { EdgeMinute } from '../store/insight-store.js';
import { EdgeReporter, type EdgeTotals } from './edge-reporter.js';

const MINUTE_MS = 60_000;

let nowMs: number;
let requests: number;
let kept: EdgeMinute[];
let errors: unknown[];
let down: Error | undefined;
let timers: HeldTimers;

beforeEach(() => {
  nowMs = 1000 * MINUTE_MS + 20_000;
  [requests, kept, errors, down] = [5, [], [], undefined];
  timers = new HeldTimers();
});

function totals(): EdgeTotals {
  return { ...(Object.fromEntries(EDGE_COUNTERS.map((name) => [name, 0])) as EdgeTotals), requests };
}

function reporter(run = 'first'): EdgeReporter {
  const clock = { now: () => nowMs };
  return new EdgeReporter(
    {
      ...{ totals, clock, wallClock: clock, timers },
      async add(counted) {
        if (down !== undefined) throw down;
        kept.push(counted);
      },
      onError: (error) => errors.push(error),
    },
    { edge: 'fra-1', pop: 'fra', run },
  );
}

async function later(ms: number): Promise<void> {
  nowMs += ms;
  timers.fire(ms);
  await new Promise((resolve) => setImmediate(resolve));
}

const told = (): unknown[] => kept.map(({ minute, sums }) => [minute, sums.requests, sums.reportedMs]);

describe('an edge tells each minute', () => {
  it('what it counted in it, from its start to its end', async () => {
    const edge = reporter();
    requests = 12;
    await later(40_000);
    requests = 13;
    await later(MINUTE_MS);
    requests = 33;
    nowMs += 15_000;
    await edge.close();
    expect(told()).toEqual([
      [1000, 7, 40_000],
      [1001, 1, 60_000],
      [1002, 20, 15_000],
    ]);
    expect(kept[0]).toMatchObject({ edge: 'fra-1', pop: 'fra' });
  });

  it('under names that no other minute and no other run has', async () => {
    for (const [run, untilTold] of [
      ['first', 40_000],
      ['second', MINUTE_MS],
    ] as const) {
      const edge = reporter(run);
      await later(untilTold);
      await edge.close();
    }
    expect(new Set(kept.map(({ id }) => id)).size).toBe(kept.length);
    expect(kept).toHaveLength(4);
  });

  it('again, under the same name, until somebody keeps it', async () => {
    const edge = reporter();
    down = new Error('away');
    requests = 6;
    await later(40_000);
    requests = 8;
    await later(MINUTE_MS);
    expect([kept, errors]).toEqual([[], [down, down]]);
    down = undefined;
    await later(MINUTE_MS);
    await edge.close();
    expect(told().slice(0, 3)).toEqual([
      [1000, 1, 40_000],
      [1001, 2, 60_000],
      [1002, 0, 60_000],
    ]);
  });

  it('for a day while nobody keeps it, and gives up the oldest then', async () => {
    const edge = reporter();
    down = new Error('away');
    await later(40_000);
    for (let minute = 0; minute < 1500; minute++) await later(MINUTE_MS);
    down = undefined;
    await edge.close();
    expect(kept).toHaveLength(1440);
    expect(kept.at(-1)?.minute).toBe(2501);
  });
});
