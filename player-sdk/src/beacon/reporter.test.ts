import { type Beacon, type BeaconCounters, NO_COUNTERS, readBeacon } from '@eddy/protocol';
import { decodeCmcd, validateCmcdEvents } from '@svta/cml-cmcd';
import { beforeEach, describe, expect, it } from 'vitest';
import { type FakeTime, fakeTime, seededRandom } from '../testing/fake-time.js';
import { type PlaybackNews, Reporter, type ReportSource } from './reporter.js';

interface Sent {
  readonly url: string;
  readonly beacon: Beacon;
  readonly leaving: boolean;
}

let time: FakeTime;
let sent: Sent[];
let accepted: boolean;
let totals: BeaconCounters;
let news: PlaybackNews;
let drawn: ReportSource['drawn'];
let reporter: Reporter;

beforeEach(() => {
  time = fakeTime();
  sent = [];
  accepted = true;
  drawn = 'treated';
  totals = NO_COUNTERS;
  news = { startupMs: undefined, starvationsMs: [], errors: [], from: [] };
  reporter = new Reporter(
    {
      timers: time.timers,
      random: seededRandom(1),
      post: async (url, body, leaving) => {
        expect(validateCmcdEvents(body)).toMatchObject({ issues: [] });
        sent.push({ url, beacon: readBeacon(decodeCmcd(body)), leaving });
        return accepted;
      },
      source: {
        get drawn() {
          return drawn;
        },
        peers: 3,
        bitrateKbps: 2500,
        get totals() {
          return totals;
        },
        takeNews: () => news,
      },
    },
    { edge: 'https://edge.example', session: 'one', presentation: '/film/master.m3u8' },
  );
});

describe('beacons', () => {
  it('tell every ten seconds what happened since the one before', async () => {
    totals = { ...totals, edgeBytes: 100, watchedMs: 10.4 };
    await time.advance(10_000);
    totals = { ...totals, edgeBytes: 150, peerBytes: 50, watchedMs: 20.6 };
    await time.advance(10_000);
    expect(sent.map(({ url }) => url)).toEqual(Array(2).fill('https://edge.example/_eddy/beacons'));
    expect(sent.map(({ beacon }) => beacon.counters)).toMatchObject([
      { edgeBytes: 100, watchedMs: 10 },
      { edgeBytes: 50, peerBytes: 50, watchedMs: 11 },
    ]);
    expect(new Set(sent.map(({ beacon }) => beacon.batch)).size).toBe(2);
  });

  it('are not sent while nothing happens or nothing may be told, and nothing is lost', async () => {
    await time.advance(10_000);
    drawn = undefined;
    totals = { ...totals, edgeBytes: 100 };
    await time.advance(10_000);
    expect(sent).toEqual([]);
    drawn = 'holdout';
    await time.advance(10_000);
    expect(sent[0]?.beacon).toMatchObject({ arm: 'holdout', counters: { edgeBytes: 100 } });
  });

  it('are sent once more under the same name when they were not taken', async () => {
    accepted = false;
    totals = { ...totals, edgeBytes: 100 };
    await time.advance(10_000);
    await time.advance(3_000);
    expect(sent).toHaveLength(2);
    expect(sent[1]?.beacon).toEqual(sent[0]?.beacon);
    await time.advance(60_000);
    expect(sent).toHaveLength(2);
  });

  it('end with one that survives the page', async () => {
    news = { ...news, startupMs: 640.4, starvationsMs: [120, 30], errors: ['bufferStalledError'] };
    reporter.close();
    reporter.close();
    await time.advance(60_000);
    expect(sent).toMatchObject([
      {
        leaving: true,
        beacon: {
          ...{ startupMs: 640, starvationsMs: [120, 30], errors: ['bufferStalledError'] },
          bitrateKbps: 2500,
        },
      },
    ]);
    expect(time.pending).toBe(0);
  });
});
