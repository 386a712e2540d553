import { expect, it } from 'vitest';
import { Mesh } from '../mesh/mesh.js';
import { Admission } from '../session/admission.js';
import { LimitedRoom } from '../session/limited-room.js';
import { FakeEnvironment } from '../testing/fake-environment.js';
import { testSegment } from '../testing/media.js';
import { Answer, requestFor, SwarmFixture, type TestPlayer } from '../testing/swarm-fixture.js';
import { QUIET_DEVICE } from './environment.js';
import { Manners } from './manners.js';
import { PageStorage } from './page-storage.js';

const CELLULAR = { network: { ...QUIET_DEVICE.network, kind: 'cellular' } } as const;

interface World {
  readonly fixture: SwarmFixture;
  readonly environment: FakeEnvironment;
  readonly manners: Manners;
  readonly giver: Mesh;
  readonly taker: TestPlayer;
  readonly outs: { count: number };
}

async function world(): Promise<World> {
  const fixture = new SwarmFixture();
  const { clock, timers } = fixture.time;
  const environment = new FakeEnvironment();
  const storage = new PageStorage();
  const manners = new Manners(
    { clock, timers, environment, storage, today: () => 'day' },
    { upload: 'wifi', uploadBytesPerDay: 0, consent: 'not-needed' },
  );
  const room = fixture.edge.join('giver');
  const outs = { count: 0 };
  const admission = new Admission(
    {
      manners,
      room: {
        join: () => {},
        stepOut: () => outs.count++,
        leave: () => {},
        subscribe: (events) => room.subscribe(events),
      },
    },
    { obstacle: undefined, relayOnly: false, waitForPlayback: false },
    () => limited.refresh(),
  );
  const limited = new LimitedRoom(room, {
    ...{ maxPeers: 8, uploadBytesPerSecond: 0 },
    mode: () => admission.mode,
  });
  const transport = fixture.network.transport({ latencyMs: 10, uploadBytesPerSecond: 1_000_000 });
  const giver = new Mesh({ clock, timers, transport, room: limited });
  room.admit('giver');
  const taker = fixture.player('taker');
  fixture.edge.introduce('giver', 'taker');
  await fixture.time.advanceUntil(() => taker.mesh.peers().length === 1 && giver.peers().length === 1);
  return { fixture, environment, manners, giver, taker, outs };
}

it('who comes to a mobile network answers no more, at once, and does again on another', async () => {
  const { fixture, environment, giver, taker } = await world();
  const segment = await testSegment(7, 500_000);
  giver.hold(segment);
  const [peer] = taker.mesh.peers();
  await fixture.time.advanceUntil(() => peer?.has(segment.name) === true);
  expect(peer?.uploads).toBe(true);
  const first = new Answer();
  taker.mesh.ask('giver', requestFor(segment), first);
  await fixture.time.advanceUntil(() => first.ends.length > 0);
  expect(first.ends).toEqual(['done']);

  environment.become(CELLULAR);
  await fixture.time.advanceUntil(() => peer?.uploads === false, { limitMs: 100 });
  const second = new Answer();
  taker.mesh.ask('giver', requestFor(segment), second);
  await fixture.time.advanceUntil(() => second.ends.length > 0);
  expect(second.ends).toEqual(['refused: off']);

  environment.become(QUIET_DEVICE);
  await fixture.time.advanceUntil(() => peer?.uploads === true, { limitMs: 100 });
  const third = new Answer();
  taker.mesh.ask('giver', requestFor(segment), third);
  await fixture.time.advanceUntil(() => third.ends.length > 0);
  expect(third.ends).toEqual(['done']);
});

it('what waits to be sent is not sent any more', async () => {
  const { fixture, environment, giver, taker } = await world();
  const segment = await testSegment(7, 4_000_000);
  giver.hold(segment);
  const answer = new Answer();
  await fixture.time.advanceUntil(() => taker.mesh.peers()[0]?.has(segment.name) === true);
  taker.mesh.ask('giver', requestFor(segment), answer);
  await fixture.time.advanceUntil(() => answer.bytes > 0, { stepMs: 1 });
  environment.become(CELLULAR);
  await fixture.time.advanceUntil(() => answer.ends.length > 0);
  expect(answer.ends).toEqual(['refused: off']);
  expect(answer.bytes).toBeLessThan(segment.bytes.length);
});

it('a page out of sight for five minutes answers no more', async () => {
  const { fixture, environment, taker } = await world();
  const [peer] = taker.mesh.peers();
  environment.become({ hiddenSince: fixture.time.clock.now() });
  await fixture.time.advance(299_000);
  expect(peer?.uploads).toBe(true);
  await fixture.time.advance(1_100);
  expect(peer?.uploads).toBe(false);
  environment.become({ hiddenSince: undefined });
  await fixture.time.advanceUntil(() => peer?.uploads === true, { limitMs: 100 });
});

it('a viewer who does not wish to share leaves the others and the room, and so does one without consent', async () => {
  const { fixture, manners, giver, taker, outs } = await world();
  manners.viewerShares = false;
  await fixture.time.advanceUntil(() => taker.mesh.peers().length === 0, { limitMs: 300 });
  expect(giver.peers()).toEqual([]);
  expect(outs.count).toBe(1);
  manners.viewerShares = true;
  expect(giver.mode).toBe('on');
  manners.consented = false;
  expect(giver.mode).toBe('off');
  expect(outs.count).toBe(2);
});
