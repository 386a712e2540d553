import { expect, it } from 'vitest';
import { positionOf } from '../hls/playhead.js';
import type { SwarmPeer } from '../swarm/swarm.js';
import { FakeRoom } from '../testing/fake-room.js';
import { fakeTime } from '../testing/fake-time.js';
import { StatusReporter } from './status-reporter.js';

const peer = (id: string, bytesPerSecond: number | undefined): SwarmPeer => ({
  ...{ id, bytesPerSecond, uploads: true, pendingBytes: 0, failures: 0 },
  ...{ partsOf: () => new Set<number>(), has: () => false, claimedAt: () => undefined },
});

it('a player tells every ten seconds where it plays and what others give, while it is in the room', async () => {
  const time = fakeTime();
  const room = new FakeRoom();
  let positionMs: number | undefined;
  const peers = [peer('a', 1234.5), peer('b', undefined)];
  const reporter = new StatusReporter({
    ...{ timers: time.timers, room, swarm: { peers: () => peers } },
    positionMs: () => positionMs,
  });
  await time.advance(60_000);
  expect(room.sent).toEqual([]);
  room.tell((events) => events.onState?.('joined', ''));
  await time.advance(10_000);
  expect(room.sent).toEqual([]);
  positionMs = 77.7;
  await time.advance(20_000);
  const status = { type: 'status', positionMs: 78, uploads: [{ peer: 'a', bytesPerSecond: 1235 }] };
  expect(room.sent).toEqual([status, status]);
  room.tell((events) => events.onState?.('away', ''));
  await time.advance(60_000);
  expect(room.sent).toHaveLength(2);
  room.tell((events) => events.onState?.('joined', ''));
  reporter.close();
  expect(time.pending).toBe(0);
});

it('a position means the same to all viewers: from the beginning, or behind the newest segment', () => {
  const media = { currentTime: 90 } as HTMLMediaElement;
  const details = { live: false, edge: 100 } as NonNullable<
    Parameters<typeof positionOf>[0]['latestLevelDetails']
  >;
  expect(positionOf({ media, latestLevelDetails: details, levels: [] })).toBe(90_000);
  Object.assign(details, { live: true });
  expect(positionOf({ media, latestLevelDetails: details, levels: [] })).toBe(10_000);
  expect(positionOf({ media: null, latestLevelDetails: details, levels: [] })).toBeUndefined();
  expect(positionOf({ media, latestLevelDetails: null, levels: [] })).toBeUndefined();
});
