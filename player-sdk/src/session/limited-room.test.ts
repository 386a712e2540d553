import type { SwarmConfig, SwarmMode } from '@eddy/protocol';
import { expect, it } from 'vitest';
import { FakeRoom } from '../testing/fake-room.js';
import { LimitedRoom } from './limited-room.js';

const noLimits = { maxPeers: 99, uploadBytesPerSecond: 0 };

it.each([
  [0, 0, 0],
  [0, 500, 500],
  [400, 0, 400],
  [400, 500, 400],
  [600, 500, 500],
])('a site that caps uploads at %d and a page that does at %d make %d', (site, page, both) => {
  const room = new FakeRoom();
  const limited = new LimitedRoom(room, { maxPeers: 3, uploadBytesPerSecond: page, mode: () => 'on' });
  const heard: SwarmConfig[] = [];
  limited.subscribe({
    onWelcome: ({ config }) => heard.push(config),
    onConfig: (config) => heard.push(config),
  });
  room.admit('me', { uploadBytesPerSecond: site });
  room.tell((events) => events.onConfig?.({ mode: 'leech', maxPeers: 2, uploadBytesPerSecond: site }));
  expect(heard).toEqual([
    { mode: 'on', maxPeers: 3, uploadBytesPerSecond: both },
    { mode: 'leech', maxPeers: 2, uploadBytesPerSecond: both },
  ]);
  expect(limited.welcome?.config.uploadBytesPerSecond).toBe(both);
});

it('the stricter of the site and of this player counts, and a change of either is told at once', () => {
  const room = new FakeRoom();
  let own: SwarmMode = 'leech';
  const limited = new LimitedRoom(room, { ...noLimits, mode: () => own });
  const heard: SwarmMode[] = [];
  limited.subscribe({
    onWelcome: ({ config }) => heard.push(config.mode),
    onConfig: ({ mode }) => heard.push(mode),
  });
  const turn = (to: SwarmMode): void => {
    own = to;
    limited.refresh();
  };
  turn('on');
  turn('leech');
  expect(heard).toEqual([]);
  room.admit('me');
  expect(heard).toEqual(['leech']);
  limited.refresh();
  turn('on');
  turn('off');
  expect(heard).toEqual(['leech', 'on', 'off']);
  room.tell((events) => events.onConfig?.({ mode: 'leech', maxPeers: 2, uploadBytesPerSecond: 0 }));
  turn('on');
  expect(heard).toEqual(['leech', 'on', 'off', 'off', 'leech']);
});

it('who has ended listening is told nothing', () => {
  const room = new FakeRoom();
  let own: SwarmMode = 'on';
  const limited = new LimitedRoom(room, { ...noLimits, mode: () => own });
  const heard: SwarmMode[] = [];
  const end = limited.subscribe({ onConfig: ({ mode }) => heard.push(mode) });
  room.admit('me');
  end();
  own = 'off';
  limited.refresh();
  expect(heard).toEqual([]);
});
