import { describe, expect, it } from 'vitest';
import { type FakeTime, fakeTime } from '../testing/fake-time.js';
import { RoundTrips } from './round-trips.js';

const PATHWAYS = new Map([
  ['fra', 'https://fra.example'],
  ['nyc', 'https://nyc.example'],
]);

interface Measuring {
  readonly time: FakeTime;
  readonly asked: string[];
  readonly trips: RoundTrips;
  allowed: boolean;
}

/** Each host takes its times, one a request; `never` does not answer, `no` does with 503. */
function measuring(
  times: Record<string, readonly (number | 'never' | 'no')[]>,
  pathways = PATHWAYS,
): Measuring {
  const time = fakeTime();
  const asked: string[] = [];
  const measure = { time, asked, allowed: true } as { trips?: RoundTrips } & Omit<Measuring, 'trips'>;
  const trips = new RoundTrips({
    ...{ clock: time.clock, timers: time.timers, pathways: () => pathways },
    allowed: () => measure.allowed,
    fetch: (url, { signal }) => {
      asked.push(url);
      const host = new URL(url).hostname;
      const takes = times[host]?.[asked.filter((one) => one === url).length - 1] ?? 5;
      return new Promise((resolve, reject) => {
        signal.addEventListener('abort', () => reject(new Error('aborted')));
        if (takes === 'never') return;
        const ok = takes !== 'no';
        time.timers.after(ok ? takes : 1, () =>
          resolve({ ok, status: ok ? 200 : 503, arrayBuffer: async () => new ArrayBuffer(0) }),
        );
      });
    },
  });
  return Object.assign(measure, { trips });
}

describe('round trips', () => {
  it('are measured once playback has its buffer, and again much later; connecting does not count', async () => {
    const { time, asked, trips } = measuring({ 'fra.example': [90, 30, 20], 'nyc.example': [200, 80, 95] });
    trips.begin();
    trips.begin();
    await time.advance(9_999);
    expect(asked).toEqual([]);
    await time.advance(2_000);
    expect([...trips.measuredMs]).toEqual([
      ['fra', 20],
      ['nyc', 80],
    ]);
    expect(asked).toHaveLength(6);
    expect(asked[0]).toBe('https://fra.example/_eddy/ping');
    await time.advance(598_000);
    expect(asked).toHaveLength(6);
    await time.advance(2_000);
    expect(asked).toHaveLength(12);
    trips.close();
    expect(time.pending).toBe(0);
  });

  it('are not known of who does not answer, or is not well', async () => {
    const { time, trips } = measuring({ 'fra.example': ['never'], 'nyc.example': [1, 'no'] });
    trips.begin();
    await time.advance(20_000);
    expect(trips.measuredMs.size).toBe(0);
    trips.close();
  });

  it('are left alone where nothing may be told, or there is no choice', async () => {
    const shy = measuring({});
    shy.allowed = false;
    const alone = measuring({}, new Map([['fra', 'https://fra.example']]));
    for (const { trips, time, asked } of [shy, alone]) {
      trips.begin();
      await time.advance(20_000);
      expect(asked).toEqual([]);
    }
    const late = measuring({});
    late.trips.begin();
    await late.time.advance(20_000);
    expect(late.trips.measuredMs.size).toBe(2);
    late.allowed = false;
    expect(late.trips.measuredMs.size).toBe(0);
  });

  it('end in the middle when the session does', async () => {
    const { time, asked, trips } = measuring({ 'fra.example': ['never'] });
    trips.begin();
    await time.advance(10_001);
    expect(asked).toHaveLength(1);
    trips.close();
    await time.advance(700_000);
    expect(asked.filter((url) => url.includes('fra'))).toHaveLength(1);
    expect(time.pending).toBe(0);
  });
});
