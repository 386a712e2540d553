import { withSession } from '@eddy/protocol';
import { beforeEach, describe, expect, it } from 'vitest';
import type { Sums } from '../measures/measures.js';
import type { Fact } from '../rollup/fact.js';
import { sampleBeacon } from '../sample-beacon.js';
import { deviceOf, rememberDevices } from './device.js';
import { Judge } from './judge.js';
import { SentBytes } from './sent-bytes.js';
import type { KnownViewer } from './viewers.js';

const MIB = 1024 * 1024;
const HERE = {
  ...{ place: { prefix: '', region: 'DE', network: 1 }, device: 'desktop' as const },
  door: { site: 'main', host: 'v.example' },
};

let nowMs: number;
let sent: SentBytes;
let viewers: Map<string, KnownViewer>;
let judge: Judge;

beforeEach(() => {
  nowMs = 1_000_000;
  sent = new SentBytes({ maxSessions: 10 });
  viewers = new Map();
  judge = new Judge(
    {
      sent,
      viewers: {
        bySession: (session) => viewers.get(session),
        byPeer: (peer) => [...viewers.values()].find((viewer) => viewer.peer === peer),
      },
      clock: { now: () => nowMs },
      armOf: (viewer, { site, host }) => (viewer === `${site} ${host} held out` ? 'holdout' : 'treated'),
    },
    { pop: 'fra', maxSessions: 100 },
  );
});

/** As it is judged; then ten seconds pass. */
function hear(...given: Parameters<typeof sampleBeacon>): Pick<Fact, 'keys'> & { sums: Sums } {
  const { fact } = judge.judge(sampleBeacon(...given), HERE);
  nowMs += 10_000;
  return { keys: fact.keys, sums: fact.tally.sums };
}

const send = (session: string, bytes: number): void => sent.count(withSession('/v/1.m4s', session), bytes);

it('sums up each report by what it says, and keeps the words of a session that says the same', () => {
  const first = hear().keys;
  expect(hear().keys).toBe(first);
  expect(hear({ presentation: '/w/main.m3u8' }).keys).toEqual({ ...first, stream: '/w/main.m3u8' });
  expect(hear({ arm: 'holdout' }).keys).toEqual({ ...first, arm: 'holdout' });
  const elsewhere = { ...HERE, place: { prefix: '', region: 'FR', network: 2 }, device: 'tv' as const };
  const { keys } = judge.judge(sampleBeacon(), elsewhere).fact;
  expect(keys).toEqual({ ...first, region: 'FR', network: 'AS2', device: 'tv' });
  expect(hear().keys).toEqual(first);
});

describe('bytes from the edge', () => {
  it('are those that it sent, whatever is claimed', () => {
    send('session', 5000);
    expect(hear({}, { edgeBytes: 4000 }).sums).toMatchObject({ edgeBytes: 5000, claimedEdgeBytes: 4000 });
    expect(hear({}, { edgeBytes: 1000 }).sums.edgeBytes ?? 0).toBe(0);
  });

  it('are as claimed where no request named the session, and counted as such', () => {
    expect(hear({}, { edgeBytes: 4000 }).sums).toMatchObject({ edgeBytes: 4000, unwitnessedBytes: 4000 });
  });

  it('that were never sent are counted once', () => {
    send('session', MIB);
    expect(hear({}, { edgeBytes: 3 * MIB }).sums.unsentBytes).toBe(2 * MIB);
    expect(hear({}, { edgeBytes: 0 }).sums.unsentBytes ?? 0).toBe(0);
    expect(hear({}, { edgeBytes: MIB }).sums.unsentBytes).toBe(MIB);
  });

  it('that are never claimed are counted once a report has passed, but for what may be under way', () => {
    send('session', 20 * MIB);
    expect(hear({}, { edgeBytes: 0 }).sums.unclaimedBytes ?? 0).toBe(0);
    const late = hear({}, { edgeBytes: 10 * MIB, wastedBytes: MIB }).sums;
    expect(late.unclaimedBytes).toBe(9 * MIB - 10);
    expect(hear({}, { edgeBytes: 0 }).sums.unclaimedBytes ?? 0).toBe(0);
  });

  it('are reported once, also by two reports at once', () => {
    send('session', 5000);
    const told = [1, 2].map(() => judge.judge(sampleBeacon(), HERE).fact.tally.of('edgeBytes'));
    expect(told).toEqual([5000, 0]);
  });

  it('of a batch that does not count are still to be reported', () => {
    send('session', 5000);
    const first = judge.judge(sampleBeacon({}, { watchedMs: 60_000, edgeBytes: MIB }), HERE);
    first.undo();
    expect(hear({}, { watchedMs: 60_000, edgeBytes: MIB }).sums).toEqual(first.fact.tally.sums);
  });
});

describe('time watched', () => {
  it('is no longer than time passed', () => {
    hear({}, { watchedMs: 60_000 });
    expect(hear({}, { watchedMs: 60_000 }).sums).toMatchObject({ watchedMs: 10_000, cappedMs: 50_000 });
    expect(hear({}, { watchedMs: 10_000 }).sums).toMatchObject({ watchedMs: 10_000 });
  });

  it('counts by bitrate, stalls by their share, starting once', () => {
    const { sums } = hear(
      { startupMs: 700, bitrateKbps: 2000, starvationsMs: [400, 100], errors: ['x'] },
      { watchedMs: 9500 },
    );
    expect(sums).toMatchObject({
      ...{ startups: 1, startupMs: 700, startup_5: 1, rebufferMs: 500, rebuffers: 2, errors: 1 },
      ...{ playedKbits: 19_000, ratedMs: 9500, bitrate_5: 9500, rebuffer_5: 1 },
    });
  });
});

describe('the arm', () => {
  it('is the one that the edge drew', () => {
    viewers.set('session', { peer: 'me', arm: 'holdout', place: { prefix: '', region: 'FR', network: 7 } });
    expect(hear({ arm: 'treated' }).keys).toMatchObject({ arm: 'holdout', region: 'FR', network: 'AS7' });
    viewers.clear();
    // It has left the room, and says its last.
    expect(hear({ arm: 'treated' }).keys.arm).toBe('holdout');
    expect(hear({ session: 'other', arm: { viewer: 'main v.example held out' } }).keys.arm).toBe('holdout');
    expect(hear({ session: 'another', arm: { viewer: 'any' } }).keys.arm).toBe('treated');
    expect(hear({ session: 'stranger' }).keys).toMatchObject({ arm: 'treated', pop: 'fra', region: 'DE' });
  });
});

describe('bytes between peers', () => {
  beforeEach(() => {
    viewers.set('up', { peer: 'uploader', arm: 'treated', place: { prefix: '', region: 'DE', network: 2 } });
    viewers.set('down', { peer: 'downloader', arm: 'treated', place: HERE.place });
  });
  const down = (bytes: number): ReturnType<typeof hear>['sums'] =>
    hear({ session: 'down', from: [{ peer: 'uploader', bytes }] }, { peerBytes: bytes, uploadedBytes: 0 })
      .sums;
  const up = (bytes: number): ReturnType<typeof hear>['sums'] =>
    hear({ session: 'up' }, { peerBytes: 0, uploadedBytes: bytes }).sums;

  it('are told apart by how near they are', () => {
    expect(down(1000)).toMatchObject({ peerRegionBytes: 1000 });
    viewers.set('up', { peer: 'uploader', arm: 'treated', place: { prefix: '', network: 1 } });
    expect(down(1000)).toMatchObject({ peerNetworkBytes: 1000 });
  });

  it('match, in whichever order they are told', () => {
    for (const hearing of [down, up, up, down, up]) {
      const sums = hearing(20 * MIB);
      expect([sums.unmatchedPeerBytes ?? 0, sums.unmatchedUploadBytes ?? 0]).toEqual([0, 0]);
    }
  });

  it('that nobody says to have sent, or to have got, are counted once', () => {
    down(50 * MIB);
    expect(up(10 * MIB).unmatchedPeerBytes).toBe(40 * MIB);
    expect(up(0).unmatchedPeerBytes ?? 0).toBe(0);
    up(100 * MIB);
    up(0);
    expect(up(0).unmatchedUploadBytes).toBeGreaterThan(40 * MIB);
    expect(up(0).unmatchedUploadBytes ?? 0).toBe(0);
  });

  it('of a report that does not count are taken back', () => {
    down(50 * MIB);
    const twice = sampleBeacon({ session: 'up' }, { peerBytes: 0, uploadedBytes: 10 * MIB });
    const first = judge.judge(twice, HERE);
    first.undo();
    expect(judge.judge(twice, HERE).fact.tally.sums).toEqual(first.fact.tally.sums);
    const claims = { session: 'down', from: [{ peer: 'uploader', bytes: 9 * MIB }] };
    judge.judge(sampleBeacon(claims, { peerBytes: 9 * MIB, uploadedBytes: 0 }), HERE).undo();
    expect(up(0).unmatchedPeerBytes ?? 0).toBe(0);
  });

  it('from nobody that the edge knows are not matched', () => {
    const { sums } = hear(
      { session: 'down', from: [{ peer: 'nobody', bytes: 700 }] },
      { peerBytes: 1000, uploadedBytes: 0 },
    );
    expect(sums.unmatchedPeerBytes).toBe(1000);
    expect(hear({ session: 'stranger' }, { peerBytes: 0, uploadedBytes: 9 }).sums.unmatchedUploadBytes).toBe(
      9,
    );
  });
});

describe('what the edge sent', () => {
  it('to sessions that never report is let go after a while, and counted', () => {
    send('quiet', 7);
    sent.age();
    send('quiet', 3);
    expect(sent.of('quiet')).toBe(10);
    sent.age();
    expect([sent.of('quiet'), sent.unreportedBytes]).toEqual([3, 7]);
  });

  it('is told apart for a bounded number of sessions', () => {
    for (let index = 0; index < 12; index++) send(`s${index}`, 1);
    sent.count('/v/1.m4s', 100);
    expect([sent.of('s9'), sent.of('s11'), sent.unreportedBytes]).toEqual([1, 0, 2]);
  });

  it('is taken in part', () => {
    send('s', 10);
    sent.take('s', 4);
    expect(sent.of('s')).toBe(6);
  });
});

it.each([
  ['Mozilla/5.0 (Windows NT 10.0; Win64; x64) Chrome/140.0', 'desktop'],
  ['Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Mobile/15E148', 'mobile'],
  ['Mozilla/5.0 (Linux; Android 15; SM-X200) Safari/537.36', 'tablet'],
  ['Mozilla/5.0 (Linux; Android 15; Pixel 9) Mobile Safari/537.36', 'mobile'],
  ['Mozilla/5.0 (SMART-TV; Linux; Tizen 8.0)', 'tv'],
  ['curl/8.0', 'other'],
  [undefined, 'other'],
])('%s is a %s, also when it is remembered', (userAgent, device) => {
  expect(deviceOf(userAgent)).toBe(device);
  const remembering = rememberDevices({ max: 2 });
  for (const given of [userAgent, 'curl/8.0', userAgent]) remembering(given);
  expect([remembering(userAgent), remembering('curl/8.0')]).toEqual([device, 'other']);
});
