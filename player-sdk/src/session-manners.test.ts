import { readBeacon } from '@eddy/protocol';
import { decodeCmcd } from '@svta/cml-cmcd';
import { beforeEach, describe, expect, it } from 'vitest';
import { QUIET_DEVICE } from './manners/environment.js';
import { type KeyStore, PageStorage } from './manners/page-storage.js';
import type { EddySession } from './session.js';
import { mediaElement, PLAYLIST, World } from './testing/session-world.js';

let world: World;

beforeEach(() => {
  world = new World();
});

/** A media element of which only what is listened to matters. */
function uploadingOf(session: EddySession): string[] {
  const heard: string[] = [];
  session.on('uploading', (uploading) => heard.push(uploading));
  return heard;
}

describe('uploading', () => {
  it('follows device, site and viewer at once, and says why not', async () => {
    const session = world.attach({ uploadBytesPerDay: 0 });
    const heard = uploadingOf(session);
    world.play(PLAYLIST);
    expect(session.stats().uploading).toBe('off: not joined yet');
    world.welcome();
    const { network } = QUIET_DEVICE;
    world.environment.become({ network: { ...network, kind: 'cellular' } });
    world.environment.become({ network: { ...network, saveData: true } });
    world.environment.become({ network, battery: { level: 0.1, charging: false } });
    world.environment.become({ battery: { level: 0.1, charging: true } });
    world.configure('leech');
    world.configure('on');
    world.environment.become({ hiddenSince: world.time.clock.now() });
    await world.time.advance(300_000);
    world.environment.become({ hiddenSince: undefined });
    expect(heard).toEqual([
      'on',
      'off: cellular',
      'off: data saver',
      'off: low battery',
      'on',
      'off: turned off by the edge',
      'on',
      'off: hidden',
      'on',
    ]);
  });

  it('is foretold to the edge as it is when the room is joined', async () => {
    world.environment.become({ network: { ...QUIET_DEVICE.network, kind: 'cellular' } });
    world.attach();
    world.play(PLAYLIST);
    world.welcome();
    world.environment.become(QUIET_DEVICE);
    world.sockets[0]?.events.onClose('gone');
    await world.time.advance(1_000);
    world.sockets[1]?.events.onOpen();
    expect(world.sockets.map(({ said }) => said[0])).toMatchObject([{ upload: false }, { upload: true }]);
  });

  it('ends for the day at its cap, also when it was reached before this page, and begins on the next', async () => {
    world.storage.set('eddy-uploaded', 'monday 700');
    const session = world.attach({ uploadBytesPerDay: 700 });
    const heard = uploadingOf(session);
    world.play(PLAYLIST);
    world.welcome();
    expect(session.stats()).toMatchObject({ uploading: 'off: daily cap', uploadedTodayBytes: 700 });
    world.day = 'tuesday';
    await world.time.advance(30_000);
    expect(heard).toEqual(['off: daily cap', 'on']);
  });
});

describe("the site's kill switch", () => {
  it('ends sharing in running players at once, and gives it back', () => {
    const session = world.attach();
    const states: string[] = [];
    session.on('state', (state) => states.push(state));
    world.play(PLAYLIST);
    world.welcome();
    world.configure('off');
    expect(session.stats()).toMatchObject({ uploading: 'off: turned off by the edge' });
    expect(world.loadFragment()?.context?.url).toMatch(/7\.m4s/);
    world.configure('on');
    expect(states).toEqual(['connecting', 'alone', 'off: turned off by the edge', 'alone']);
  });
});

describe("the viewer's own wish", () => {
  it('not to share takes the player out of the room, is remembered, and can be taken back', () => {
    const session = world.attach();
    const states: string[] = [];
    session.on('state', (state) => states.push(state));
    world.play(PLAYLIST);
    world.welcome();
    session.setSharing(false);
    session.setSharing(false);
    expect(session.stats()).toMatchObject({
      ...{ state: 'off: turned off by the viewer', viewerShares: false },
      uploading: 'off: turned off by the viewer',
    });
    expect(world.said).toEqual(['join', 'leave']);
    expect(world.sockets[0]?.closed).toBe(true);
    session.setSharing(true);
    expect(world.sockets).toHaveLength(2);
    world.welcome();
    expect(session.stats()).toMatchObject({ state: 'alone', viewerShares: true, uploading: 'on' });
    expect(states).toEqual([
      ...['connecting', 'alone', 'off: turned off by the viewer', 'connecting', 'alone'],
    ]);
  });

  it('holds for the next page: it joins no room, and is counted', async () => {
    world.attach().setSharing(false);
    const other = new World();
    const session = Object.assign(other, { storage: world.storage }).attach();
    other.play(PLAYLIST);
    expect(session.stats()).toMatchObject({ state: 'off: turned off by the viewer', arm: undefined });
    other.loadFragment()?.succeed(new ArrayBuffer(10), { start: 1, first: 2, end: 3 });
    await other.time.advance(60_000);
    expect(other.sockets).toEqual([]);
    expect(readBeacon(decodeCmcd(other.beacons[0] ?? ''))).toMatchObject({
      arm: { viewer: other.storage.get('eddy-viewer') },
      counters: { edgeBytes: 10 },
    });
  });

  it('ends a join that is under way', () => {
    const session = world.attach();
    world.play(PLAYLIST);
    world.loadFragment();
    world.showPicture();
    session.setSharing(false);
    expect(world.sockets[0]?.closed).toBe(true);
  });

  it('is heard by the other players of the site', () => {
    const session = world.attach();
    world.play(PLAYLIST);
    world.welcome();
    const other = Object.assign(new World(), { storage: world.storage }).attach();
    other.setSharing(false);
    expect(session.stats().state).toBe('off: turned off by the viewer');
  });
});

describe('a page whose peers are off, or not agreed to yet', () => {
  it.each([
    ['off', { peers: false, beacons: false }],
    ['not agreed to', { consent: 'required' } as const],
  ])('looks at neither device nor storage, and keeps no timer for peers: %s', async (_name, options) => {
    const asked: string[] = [];
    const kept = new Map<string, string>();
    const store = (): KeyStore => {
      asked.push('storage');
      return {
        getItem: (key) => kept.get(key) ?? null,
        setItem: (key, value) => kept.set(key, value),
        removeItem: (key) => kept.delete(key),
      };
    };
    const session = Object.assign(world, { storage: new PageStorage({ store }) }).attach(options);
    world.play(PLAYLIST);
    world.loadFragment()?.succeed(new ArrayBuffer(10), { start: 1, first: 2, end: 3 });
    await world.time.advance(5_000);
    expect(asked).toEqual([]);
    expect(world.environment.listeners).toBe(0);
    // Whoever asks is told.
    expect(session.stats()).toMatchObject({ viewerShares: true, uploadedTodayBytes: 0 });
    session.giveConsent();
    session.destroy();
    expect(world.environment.listeners).toBe(0);
    expect(world.time.pending).toBe(0);
  });
});

describe('a page that needs consent', () => {
  it('sends nothing and keeps nothing before it is given', async () => {
    const session = world.attach({ consent: 'required' });
    world.play(PLAYLIST);
    const loader = world.loadFragment();
    expect(loader?.context?.url).not.toContain('CMCD');
    loader?.succeed(new ArrayBuffer(1_000), { start: 1, first: 2, end: 3 });
    await world.time.advance(60_000);
    world.page.dispatchEvent(Object.assign(new Event('pagehide'), { persisted: true }));
    expect(session.stats()).toMatchObject({ state: 'off: no consent', uploading: 'off: no consent' });
    expect(world.sockets).toEqual([]);
    expect(world.beacons).toEqual([]);
    expect(world.fetched).toEqual([]);
    expect(world.storage.get('eddy-viewer')).toBeUndefined();
    // It plays, and says what it played.
    expect(session.stats().edgeBytes).toBe(1_000);
  });

  it('begins when it is given, and reports from then on', async () => {
    const session = world.attach({ consent: 'required' });
    world.play(PLAYLIST);
    world.loadFragment()?.succeed(new ArrayBuffer(1_000), { start: 1, first: 2, end: 3 });
    session.giveConsent();
    session.giveConsent();
    expect(world.sockets).toHaveLength(1);
    world.welcome();
    expect(session.stats()).toMatchObject({ state: 'alone', uploading: 'on' });
    const loader = world.loadFragment();
    expect(loader?.context?.url).toContain('CMCD');
    loader?.succeed(new ArrayBuffer(20), { start: 1, first: 2, end: 3 });
    await world.time.advance(10_000);
    expect(world.beacons.map((body) => readBeacon(decodeCmcd(body)).counters.edgeBytes)).toEqual([20]);
  });

  it.each(['required', 'not-needed'] as const)(
    'ends all of it when it is taken back (%s)',
    async (consent) => {
      const session = world.attach({ consent });
      session.giveConsent();
      world.play(PLAYLIST);
      world.welcome();
      const before = world.storage.get('eddy-viewer');
      expect(before).toBeDefined();
      world.loadFragment()?.succeed(new ArrayBuffer(1_000), { start: 1, first: 2, end: 3 });
      session.withdrawConsent();
      session.withdrawConsent();
      expect(session.stats()).toMatchObject({ state: 'off: no consent', arm: undefined });
      expect(world.said).toEqual(['join', 'leave']);
      expect(world.storage.get('eddy-viewer')).toBeUndefined();
      await world.time.advance(60_000);
      session.destroy();
      expect(world.beacons).toEqual([]);
      expect(world.sockets).toHaveLength(1);

      const again = world.attach({ consent: 'not-needed' });
      world.player.loadSource(PLAYLIST);
      world.loadFragment();
      world.showPicture();
      world.welcome();
      expect(again.stats().state).toBe('alone');
      expect(world.storage.get('eddy-viewer')).not.toBe(before);
    },
  );
});

describe('a page that waits for playback', () => {
  it('opens and asks for nothing before the picture moves', async () => {
    world.player.media = mediaElement();
    const session = world.attach({ waitForPlayback: true });
    world.player.loadSource(PLAYLIST);
    world.loadFragment();
    world.loadFragment()?.succeed(new ArrayBuffer(1_000), { start: 1, first: 2, end: 3 });
    await world.time.advance(60_000);
    expect(session.stats()).toMatchObject({ state: 'waiting', edgeBytes: 1_000 });
    expect([world.sockets, world.beacons, world.fetched]).toEqual([[], [], []]);
    world.player.media.dispatchEvent(new Event('playing'));
    expect(world.sockets).toHaveLength(1);
    world.welcome();
    expect(session.stats().state).toBe('alone');
    await world.time.advance(10_000);
    // Nothing is lost of what was played before.
    expect(readBeacon(decodeCmcd(world.beacons[0] ?? '')).counters.edgeBytes).toBe(1_000);
  });

  it('does not wait where the picture moves already', () => {
    world.player.media = mediaElement({ readyState: 3 });
    world.attach({ waitForPlayback: true });
    world.play(PLAYLIST);
    expect(world.sockets).toHaveLength(1);
  });
});

describe('a page that wants relays only', () => {
  it('is off where the site has none, and no other viewer is told of it', () => {
    const session = world.attach({ relayOnly: true });
    world.play(PLAYLIST);
    world.welcome('on', 'treated', [{ urls: ['stun:stun.example:3478'] }]);
    expect(session.stats()).toMatchObject({ state: 'off: no relay', uploading: 'off: peers are off' });
    expect(world.said).toEqual(['join', 'leave']);
  });

  it('shares where it has', () => {
    const session = world.attach({ relayOnly: true });
    world.play(PLAYLIST);
    world.welcome('on', 'treated', [{ urls: ['turn:turn.example:3478'], username: 'u', credential: 'c' }]);
    expect(session.stats()).toMatchObject({ state: 'alone', uploading: 'on' });
  });
});

describe('peers and beacons off', () => {
  it('say nothing to anybody', async () => {
    const session = world.attach({ peers: false, beacons: false });
    world.play(PLAYLIST);
    world.loadFragment()?.succeed(new ArrayBuffer(1_000), { start: 1, first: 2, end: 3 });
    await world.time.advance(60_000);
    expect([world.sockets, world.beacons, world.fetched]).toEqual([[], [], []]);
    expect(world.storage.get('eddy-viewer')).toBeUndefined();
    expect(session.stats().state).toBe('off: turned off here');
  });
});

describe('the end of a session', () => {
  it('is the same twice, and lets go of the device', async () => {
    const session = world.attach();
    world.player.loadSource(PLAYLIST);
    await world.time.advance(1_000);
    world.welcome();
    session.destroy();
    session.destroy();
    session.setSharing(false);
    session.giveConsent();
    session.withdrawConsent();
    expect(world.said).toEqual(['join', 'leave']);
    expect(world.environment.listeners).toBe(0);
    expect(world.time.pending).toBe(0);
  });

  it.each<[string, (session: EddySession) => void]>([
    ['before a source', () => {}],
    ['before the first segment', () => world.player.loadSource(PLAYLIST)],
    ['while the socket opens', () => world.play(PLAYLIST)],
    [
      'within an event',
      (session) => {
        session.on('state', () => session.destroy());
        world.play(PLAYLIST);
        world.welcome();
      },
    ],
  ])('may come %s', async (_, until) => {
    const session = world.attach();
    until(session);
    session.destroy();
    expect(session.stats().state).toBe('destroyed');
    await world.time.advance(60_000);
    expect(world.sockets.every(({ closed }) => closed)).toBe(true);
    expect([world.time.pending, world.environment.listeners]).toEqual([0, 0]);
    expect(world.player.config.fLoader).toBeUndefined();
  });

  it('may come after the end of hls.js, which forgets its configuration', () => {
    const session = world.attach();
    world.play(PLAYLIST);
    world.player.trigger('hlsDestroying');
    Object.assign(world.player, { config: null, media: null, url: null });
    session.destroy();
    expect(session.stats().state).toBe('destroyed');
  });
});
